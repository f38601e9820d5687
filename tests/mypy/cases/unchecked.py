"""Code that mypy does not check, and code that it checks more than once."""

import sys
from typing import TYPE_CHECKING, Generic, TypeVar

from shop import OrderPlaced, UserCreated, bus, on_created, on_order, on_user

if TYPE_CHECKING:
    from shop import UserEvent

T = TypeVar("T", int, str)


def unreachable() -> None:
    bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    raise NotImplementedError
    bus.subscribe(UserCreated, on_order)
    # [unreachable]
    bus.subscribe(UserCreated, on_order)


if sys.platform == "never heard of":
    bus.subscribe(UserCreated, on_order)
if not TYPE_CHECKING:
    bus.subscribe(UserCreated, on_order)
if sys.version_info < (3, 11):
    bus.publish(UserCreated)
if TYPE_CHECKING:
    bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


def in_annotations(event: "UserEvent") -> None: ...


bus.subscribe(UserCreated, in_annotations)
bus.subscribe(OrderPlaced, in_annotations)
# Handler "in_annotations" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]


# A function of a type variable with values is checked once for each of them.
def for_each_value(value: T) -> T:
    bus.subscribe(UserCreated, on_user)
    bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    return value


class ForEachValue(Generic[T]):
    def start(self, value: T) -> None:
        bus.subscribe(UserCreated, on_order)
        # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

        @bus.on(UserCreated)
        # Handler "handler" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
        def handler(event: OrderPlaced) -> None:
            print(value)

        print(handler)


# A loop is checked until its types stay the same, and what `finally` does, on each way there.
def again_and_again() -> None:
    handler = None
    while True:
        if handler is not None:
            bus.subscribe(UserCreated, handler)
            # Handler "handler" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
        handler = on_order
        try:
            bus.subscribe(UserCreated, on_created)
            bus.subscribe(UserCreated, on_order)
            # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
        except ValueError:
            bus.publish("created")
            # No string names an event: "created" is no event; did you mean "UserCreated(...)"?  [event-name]
            continue
        finally:
            bus.publish(UserCreated)
            # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]


def nested() -> None:
    def inner() -> None:
        bus.subscribe(UserCreated, on_order)
        # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

    class Inner:
        def start(self) -> None:
            bus.subscribe(UserCreated, self.handler)
            bus.subscribe(UserCreated, on_order)
            # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

        handler = staticmethod(on_user)

    inner()
    Inner().start()
    print(lambda: bus.subscribe(UserCreated, on_order))
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    print([bus.publish for _ in (1,) if bus.subscribe(UserCreated, on_order)])
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    print(f"{bus.subscribe(UserCreated, on_order)}")
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
