"""Invoices: each order has one, whatever dies between the order and its invoice."""

from shop.database import Invoice, Sessions, outbox
from shop.events import bus
from shop.orders.events import OrderPlaced
from typedbus.adapters.sqlalchemy import transaction


@bus.on(
    OrderPlaced,
    via=outbox.durable("billing.invoice", key=lambda event: event.customer_id),
)
def write_invoice(event: OrderPlaced) -> None:
    """Write the invoice of an order: a relay calls this, customer by customer in their order."""
    with transaction(Sessions) as session:  # that of the relay: what is owed ends with its commit
        session.add(Invoice(order_id=event.order_id, customer_id=event.customer_id))
