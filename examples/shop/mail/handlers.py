"""Mail goes out after the response: no customer waits for it, no order fails with it."""

from shop.customers.events import CustomerRegistered
from shop.database import Mail, Sessions
from shop.events import bus
from shop.orders.events import OrderPlaced
from shop.stock.events import StockRanLow
from typedbus.adapters.fastapi import after_response


class MailboxUnavailableError(Exception):
    """The other side does not take mail for this address (SMTP 550)."""


@bus.on(CustomerRegistered, via=after_response)
async def send_welcome(event: CustomerRegistered) -> None:
    """Write to a new customer."""
    _send(event.email, f"Welcome, {event.name}")


@bus.on(OrderPlaced, via=after_response)
def send_confirmation(event: OrderPlaced) -> None:
    """Write to whoever ordered."""
    _send(event.email, f"Order {event.order_id}: {event.pieces} x {event.product}")


@bus.on(StockRanLow, via=after_response)
def tell_the_buyer(event: StockRanLow) -> None:
    """Write to the shop's own buyer."""
    _send("buyer@shop.example", f"Only {event.pieces_left} x {event.product} left")


def _send(recipient: str, subject: str) -> None:
    """Stand in for SMTP: refuses like the real thing, and keeps what it sent."""
    if recipient.startswith("bounce@"):
        raise MailboxUnavailableError(recipient)
    with Sessions.begin() as session:
        session.add(Mail(recipient=recipient, subject=subject))
