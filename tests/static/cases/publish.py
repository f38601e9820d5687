"""What may be published: instances of the root of the bus, nothing else."""

from typing import Any, assert_type

from shop import OrderPlaced, ShopEvent, Unrelated, UserCreated, UserEvent, created, placed
from typedbus import AsyncBus, Bus, Event

bus = Bus(ShopEvent)
user_bus = Bus(UserEvent)
events = AsyncBus(ShopEvent)


bus.publish(created)
bus.publish(OrderPlaced(order_id=1))
bus.publish(ShopEvent())
user_bus.publish(created)
assert_type(bus.publish(created), None)

# not of this bus
bus.publish(Event())  # error: all mypy[arg-type]
bus.publish(Unrelated())  # error: all mypy[arg-type]
user_bus.publish(placed)  # error: all mypy[arg-type]
user_bus.publish(ShopEvent())  # error: all mypy[arg-type]

# not an instance
bus.publish(UserCreated)  # error: all mypy[arg-type]
bus.publish("user.created")  # error: all mypy[arg-type]
bus.publish(None)  # error: all mypy[arg-type]
bus.publish(1)  # error: all mypy[arg-type]
bus.publish()  # error: all mypy[call-arg]
bus.publish(created, placed)  # error: all mypy[call-arg]
bus.publish(event=created)  # error: all mypy[call-arg]
bus.publish([created])  # error: all mypy[arg-type]


def of_variables(
    either: UserCreated | OrderPlaced,
    maybe: UserCreated | None,
    mixed: UserCreated | str,
    thing: object,
    classes: type[UserCreated] | UserCreated,
) -> None:
    bus.publish(either)
    bus.publish(maybe)  # error: all mypy[arg-type]
    bus.publish(mixed)  # error: all mypy[arg-type]
    bus.publish(thing)  # error: all mypy[arg-type]
    bus.publish(classes)  # error: all mypy[arg-type]
    if maybe is not None:
        bus.publish(maybe)
    if isinstance(thing, ShopEvent):
        bus.publish(thing)


def of_anything(anything: Any) -> None:
    bus.publish(anything)  # error: none; event-untyped


# With `object` as its root, a bus carries everything.
object_bus = Bus(object)
object_bus.publish(created)
object_bus.publish(UserCreated)  # error: none; event-class, NotAnEventError


async def of_async_bus(maybe: UserCreated | None, anything: Any) -> None:
    await events.publish(created)
    await events.publish(ShopEvent())
    await events.publish(anything)  # error: none; event-untyped
    assert_type(await events.publish(created), None)
    await events.publish(Unrelated())  # error: all mypy[arg-type]
    await events.publish(UserCreated)  # error: all mypy[arg-type]
    await events.publish("user.created")  # error: all mypy[arg-type]
    await events.publish(maybe)  # error: all mypy[arg-type]
    events.publish(created)  # error: all
    await bus.publish(created)  # error: all
