"""What happens to invoices. An event carries all that its handlers need, and no model."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from typedbus import event
from updo360.share_kernel.event_bus import DomainEvent


@event(name="invoice.approved", version=1)
class InvoiceApproved(DomainEvent):
    invoice_id: UUID
    number: str
    customer: str
    total: Decimal
    approved_at: datetime
