"""Writes down each event with what travels with it: found by typedbus when Django starts."""

import os

from typedbus import current_envelope
from updo360.audit.models import AuditLine
from updo360.share_kernel.event_bus import DomainEvent, bus


@bus.on(DomainEvent)
def write_down(event: DomainEvent) -> None:
    """Add a line, in the transaction of the publisher: what is rolled back never happened."""
    envelope = current_envelope()
    AuditLine.objects.create(
        event=type(event).__name__,
        event_id=envelope.id,
        caused_by=envelope.causation_id,
        correlation_id=envelope.correlation_id,
        process=os.getpid(),
    )
