from error_is_ignored.events import UserCreated, UserEvent
from typedbus import Bus

bus = Bus()


def audit(event: UserEvent) -> None: ...


def main() -> None:
    bus.subscribe(UserCreated, audit)  # type: ignore[event-mismatch]
    bus.subscribe(UserCreated, audit)  # type: ignore[arg-type]
    bus.subscribe(UserCreated, audit)
    # 1 3: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
