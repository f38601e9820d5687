"""What happens in accounting."""

from uuid import UUID

from typedbus import event
from updo360.share_kernel.event_bus import DomainEvent


@event(name="accounting.approval_mailed", version=1)
class ApprovalMailed(DomainEvent):
    invoice_id: UUID
    to: str
