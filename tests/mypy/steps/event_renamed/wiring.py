from event_renamed.events import *
from typedbus import Bus

bus = Bus()
bus.publish("user.created")
# 1 4: No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
# 2: No string names an event: "user.created" is no event; did you mean "UserCreate(...)"?  [event-name]
# 3: No string names an event: "user.created" is no event; publish an instance of its class  [event-name]


def main() -> None:
    bus.publish("user.created")
    # 1 4: No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
    # 2: No string names an event: "user.created" is no event; did you mean "UserCreate(...)"?  [event-name]
    # 3: No string names an event: "user.created" is no event; publish an instance of its class  [event-name]
