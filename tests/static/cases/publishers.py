"""`Publisher[E]`, `AsyncPublisher[E]`: what a use case asks for instead of a bus."""

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, placed
from typedbus import AsyncBus, AsyncPublisher, Bus, Event, Publisher

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
user_bus = Bus(UserEvent)
order_bus = Bus(OrderPlaced)
user_events = AsyncBus(UserEvent)


class CreateUser:
    def __init__(self, events: Publisher[UserCreated]) -> None:
        self._events = events

    def run(self) -> None:
        self._events.publish(created)
        self._events.publish(placed)  # error: all mypy[arg-type]
        self._events.publish(UserEvent(user_id=1))  # error: all mypy[arg-type]
        self._events.publish(UserCreated)  # error: all mypy[arg-type]
        self._events.subscribe(UserCreated, print)  # error: all mypy[attr-defined]


class PlaceOrder:
    def __init__(self, events: AsyncPublisher[OrderPlaced]) -> None:
        self._events = events

    async def run(self) -> None:
        await self._events.publish(placed)
        await self._events.publish(created)  # error: all mypy[arg-type]
        self._events.publish(placed)  # error: all


class Register:
    """Publishes events of two classes."""

    def __init__(self, events: Publisher[UserCreated | OrderPlaced]) -> None:
        events.publish(created)
        events.publish(placed)
        events.publish(ShopEvent())  # error: all mypy[arg-type]
        CreateUser(events)


class Recorder:
    """What a unit test hands in."""

    def __init__(self) -> None:
        self.published: list[ShopEvent] = []

    def publish(self, event: ShopEvent, /) -> None:
        self.published.append(event)


class AsyncRecorder:
    async def publish(self, event: object) -> None: ...


class OrderRecorder:
    def publish(self, event: OrderPlaced, /) -> None: ...


# a bus serves, and so does anything with its `publish`
CreateUser(bus)
CreateUser(Bus())
CreateUser(Bus(UserEvent))  # error: mypy[arg-type]; it is right: python/mypy#6482
CreateUser(user_bus)
CreateUser(Recorder())
PlaceOrder(events)
PlaceOrder(AsyncBus())
PlaceOrder(AsyncRecorder())
Register(bus)
Register(Recorder())
CreateUser(order_bus)  # error: all mypy[arg-type]
CreateUser(OrderRecorder())  # error: all mypy[arg-type]
CreateUser(Bus)  # error: all mypy[arg-type]
CreateUser(None)  # error: all mypy[arg-type]
CreateUser(events)  # error: all mypy[arg-type]
CreateUser(AsyncRecorder())  # error: all mypy[arg-type]
PlaceOrder(bus)  # error: all mypy[arg-type]
PlaceOrder(user_events)  # error: all mypy[arg-type]
PlaceOrder(Recorder())  # error: all mypy[arg-type]
Register(user_bus)  # error: all mypy[arg-type]


def contravariant(wide: Publisher[Event], narrow: AsyncPublisher[UserCreated]) -> None:
    CreateUser(wide)
    a1: Publisher[ShopEvent] = wide
    a2: Publisher[object] = wide  # error: all mypy[assignment]
    a3: AsyncPublisher[UserEvent] = narrow  # error: all mypy[assignment]
    a4: Publisher[Event] = bus  # error: all mypy[assignment]
    print(a1, a2, a3, a4)
