"""Classes published instead of their instances."""

import asyncio
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from shop import OrderPlaced, ShopEvent, UserCreated, bus, created, events, on_created
from typedbus import AsyncPublisher, Bus, Publisher

E = TypeVar("E", bound=ShopEvent)
object_bus = Bus(object)


class Point(NamedTuple):
    x: int


class Model(BaseModel): ...


bus.publish(created)
bus.publish(UserCreated(user_id=1, email=""))
bus.publish(*[created])
object_bus.publish(Point(1))
object_bus.publish(Model())
object_bus.publish(on_created)
bus.publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
bus.publish(ShopEvent)
# The class "ShopEvent" is published instead of an instance; call it: ShopEvent(...)  [event-class]
bus.publish(type(created))
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
object_bus.publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
object_bus.publish(Point)
# The class "Point" is published instead of an instance; call it: Point(...)  [event-class]
object_bus.publish(Model)
# The class "Model" is published instead of an instance; call it: Model(...)  [event-class]
object_bus.publish(int)
# The class "int" is published instead of an instance; call it: int(...)  [event-class]
bus.publish(UserCreated if created else OrderPlaced)
# [arg-type]


async def of_async_bus() -> None:
    await events.publish(created)
    await events.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]


def of_parameters(
    event_type: type[E],
    either: type[UserCreated] | UserCreated,
    publisher: Publisher[UserCreated],
    async_publisher: AsyncPublisher[UserCreated],
) -> None:
    bus.publish(event_type())
    publisher.publish(created)
    bus.publish(event_type)
    # The class "ShopEvent" is published instead of an instance; call it: ShopEvent(...)  [event-class]
    bus.publish(either)
    # [arg-type]
    publisher.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    asyncio.run(async_publisher.publish(UserCreated))
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]


# What is no event for other reasons is mypy's to tell.
bus.publish(None)
# [arg-type]
bus.publish(on_created)
# [arg-type]
bus.publish(lambda: created)
# [arg-type]
bus.publish()
# [call-arg]
bus.publish(created, created)
# [call-arg]
bus.publish(UserCreated(user_id=1))
# [call-arg]
bus.publish(*(1,))
# [arg-type]
bus.publish(event=created)
# [call-arg]
bus.publish(created if created.email else None)
# [arg-type]
bus.subscribe(UserCreated, lambda event: bus.publish(event))
bus.subscribe(UserCreated, lambda event: bus.publish(UserCreated))
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]


class Recorder:
    """A double of a bus, which takes what it is given."""

    def __init__(self) -> None:
        self.published: list[Any] = []

    def publish(self, event: object, /) -> None:
        self.published.append(event)


Recorder().publish(UserCreated)
