from logging import Logger

from typedbus import Event, event


class AuditedEvent(Event):
    log: int


@event(name="stored-base-changes.other")
class Other(Event):
    number: int


NOTHING: Logger | None = None
