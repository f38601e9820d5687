from stored_base_changes.bases import AuditedEvent
from typedbus import Event, event


@event(name="stored-base-changes")
class Approved(AuditedEvent):
    # 2: Event "Approved" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    number: int


@event(name="stored-base-changes.again")
class ApprovedAgain(Approved):
    more: int
