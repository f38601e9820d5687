"""The audit log: hears every event, whatever its class."""

from nene2.events import DomainEvent


class AuditLog:
    """One line for each thing that happened."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def record(self, event: DomainEvent) -> None:
        """Write down what happened and when."""
        self.lines.append(f"{event.occurred_at:%Y-%m-%d %H:%M} {type(event).__name__}")
