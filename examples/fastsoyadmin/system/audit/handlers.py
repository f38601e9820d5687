"""The audit hears every event of every module and knows none of them."""

from fastsoyadmin.database import Sessions
from fastsoyadmin.events import DomainEvent, bus
from fastsoyadmin.system.audit.tables import AuditEntry
from typedbus.adapters.sqlalchemy import transaction


@bus.on(DomainEvent, on_error="raise")
async def write_audit_entry(event: DomainEvent) -> None:
    """Note the event in the transaction that it happens in: neither is there without the other."""
    async with transaction(Sessions) as session:  # that of the publisher: it is open here
        name, fields = type(event).__name__, event.model_dump(mode="json")
        session.add(AuditEntry(event=name, fields=fields))
