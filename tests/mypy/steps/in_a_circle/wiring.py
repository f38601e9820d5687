from __future__ import annotations

from in_a_circle import events, handlers
from typedbus import Bus

bus = Bus()


def subscribe() -> None:
    bus.subscribe(events.UserCreated, handlers.audit)
    # 2: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
    # 4: Handler "audit" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
