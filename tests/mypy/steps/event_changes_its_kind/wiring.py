from event_changes_its_kind.events import UserCreated
from typedbus import Bus

bus = Bus(object)


def greet(event: UserCreated) -> None: ...


def main() -> None:
    bus.subscribe(UserCreated, greet)
    # 3: The NewType "New" is gone at run time, so it cannot be an event class; derive a class from "Event"  [event-class]
    # 4: The TypedDict "Dict" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
    # 5: The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
    bus.on(UserCreated)(greet)
    # 3: The NewType "New" is gone at run time, so it cannot be an event class; derive a class from "Event"  [event-class]
    # 4: The TypedDict "Dict" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
    # 5: The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
    Bus(UserCreated)
    # 3: The NewType "New" is gone at run time, so it cannot be an event class; derive a class from "Event"  [event-class]
    # 4: The TypedDict "Dict" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
    # 5: The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
