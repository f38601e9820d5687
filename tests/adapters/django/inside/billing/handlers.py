"""The handlers of requests, found by the app."""

from tests.adapters.django.inside.billing.events import InvoiceApproved, async_bus, bus, log
from tests.adapters.django.inside.billing.models import written
from typedbus.adapters.django import after_commit


@bus.on(InvoiceApproved, via=after_commit)
def send_mail(event: InvoiceApproved) -> None:
    """Note that a mail is sent, and what is written by then."""
    log.append(f"mail {event.number}, written {written()}")


@bus.on(InvoiceApproved, via=after_commit)
async def push(event: InvoiceApproved) -> None:
    """Note that something is pushed."""
    log.append(f"push {event.number}")


@async_bus.on(InvoiceApproved, via=after_commit)
def send_mail_too(event: InvoiceApproved) -> None:
    """Note the same for the other bus."""
    send_mail(event)


@async_bus.on(InvoiceApproved, via=after_commit)
async def push_too(event: InvoiceApproved) -> None:
    """Note the same for the other bus."""
    await push(event)
