"""What happens to tenants."""

from typedbus import event
from updo360.share_kernel.event_bus import DomainEvent


@event(name="tenant.created", version=1)
class TenantCreated(DomainEvent):
    slug: str
    name: str
