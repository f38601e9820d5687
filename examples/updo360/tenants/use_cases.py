"""What one can do with tenants."""

from django.db import transaction

from typedbus import Publisher, tenant_scope
from updo360.tenants.events import TenantCreated
from updo360.tenants.models import Tenant


class CreateTenant:
    """The use case that publishes `TenantCreated`."""

    def __init__(self, events: Publisher[TenantCreated]) -> None:
        self._events = events

    def execute(self, slug: str, name: str) -> Tenant:
        """Take a tenant in; the event is the first that belongs to it."""
        with transaction.atomic(), tenant_scope(slug):
            tenant = Tenant.objects.create(slug=slug, name=name)
            self._events.publish(TenantCreated(slug=slug, name=name))
        return tenant
