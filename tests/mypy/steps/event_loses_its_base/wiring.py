from functools import partial

from event_loses_its_base.events import UserCreated
from event_loses_its_base.handlers import Audit, audit
from typedbus import Bus

bus = Bus()


def subscribe() -> None:
    bus.subscribe(UserCreated, audit)
    # 2 4: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, Audit())
    # 2 4: Handler "Audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, Audit().user)
    # 2 4: Handler "user" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, partial(audit, log="users"))
    # 2 4: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
    bus.on(UserCreated)(audit)
    # 2 4: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]


bus.subscribe(UserCreated, audit)
# 2 4: Handler "audit" accepts "UserEvent", not "UserCreated"; subscribe it to "UserEvent", or let it accept "UserCreated"  [event-mismatch]
