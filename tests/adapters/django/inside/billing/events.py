"""What happens in billing, and the buses that tell it."""

from typedbus import AsyncBus, Bus, Event, event


class BillingEvent(Event):
    pass


@event(name="django.invoice-approved")
class InvoiceApproved(BillingEvent):
    number: int


@event(name="django.invoice-paid")
class InvoicePaid(BillingEvent):
    number: int


bus = Bus(BillingEvent)
async_bus = AsyncBus(BillingEvent)

log = list[str]()
"""What happened in requests, in order."""
