"""Code that has the names and the shapes of typedbus, and is none of it: all of it is right.

Almost every line of `use` would be a mistake on a bus of typedbus.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, NewType, Protocol, TypedDict, TypeVar, overload

E = TypeVar("E")
H = TypeVar("H", bound=Callable[..., object])
B_contra = TypeVar("B_contra", contravariant=True)
Subscription = Callable[[], None]
Renamed = NewType("Renamed", str)


class Event(Generic[E]): ...


class UserCreated(Event[int]): ...


class OrderPlaced(Event[str]): ...


class Payload(TypedDict):
    name: str


class Publisher(Protocol[B_contra]):
    def publish(self, event: B_contra, /) -> object: ...


class AsyncPublisher(Protocol[B_contra]):
    async def publish(self, event: B_contra, /) -> None: ...


class Registrar(Generic[E]):
    def __call__(self, handler: Callable[[Any], object], /) -> Callable[[E], str]:
        return str


class Registry(Generic[B_contra]):
    def subscriptions(self, event_type: type[E], /) -> list[type[E]]:
        return [event_type]


class Bus(Registry[B_contra]):
    def __init__(self, root: type[B_contra] | str | None = None, /) -> None: ...

    def subscribe(self, event_type: type[E], handler: Callable[[Any], object], /) -> Subscription:
        return lambda: None

    @overload
    def on(self, event_type: type[E], /) -> Registrar[E]: ...
    @overload
    def on(self, event_type: str, /, handler: H) -> H: ...
    def on(self, event_type: object, /, handler: object = None) -> object:
        return handler

    def publish(self, event: object, /) -> None: ...

    async def wait_for(self, event_type: type[E] | str, /) -> None: ...

    def stream(self, event_type: type[E], /) -> list[E]:
        return []


class AsyncBus(Bus[B_contra]):
    async def drain(self) -> None: ...


class CreateUser:
    def __init__(self, events: Publisher[UserCreated]) -> None:
        events.publish(UserCreated())


class Redis:
    """The names again, with other parameters."""

    def publish(self, channel: str, *messages: bytes, retain: bool = False) -> int:
        return len(messages)

    def subscribe(self, *channels: str, **handlers: Callable[[bytes], Awaitable[None]]) -> None: ...

    def on(self, *channels: str) -> Callable[[H], H]:
        return lambda handler: handler

    def stream(self) -> "Redis":
        return self


def subscribe(event_type: type[E], handler: Callable[[E], object]) -> None:
    """A function by the name of a method."""


def publish(event: object) -> None:
    """Another one."""


def handles_orders(event: OrderPlaced) -> int:
    """Would be a handler of other events, which returns something."""
    return 1


async def handles_users(event: UserCreated) -> None:
    """Would be async on a sync bus."""


def use(bus: Bus[OrderPlaced], anything: Any, either: Bus[str] | Redis, name: type[Any]) -> None:
    """Call them as typedbus may not be called."""
    bus.publish(UserCreated)
    bus.publish("user.created")
    bus.publish(anything)
    bus.publish(Payload(name=""))
    bus.subscribe(UserCreated, handles_orders)
    bus.subscribe(UserCreated, handles_users)
    bus.subscribe(UserCreated, anything)
    bus.subscribe(anything, lambda event: event.whatever)
    bus.subscribe(Event[int], print)
    bus.subscribe(name, print)
    bus.subscribe(Payload, print)
    bus.on("user.created", handles_users)
    bus.on("user.created", anything)
    bus.stream(Renamed)
    bus.subscriptions(UserCreated)
    either.publish("users")
    CreateUser(bus)
    CreateUser(AsyncBus("users"))
    publish(UserCreated)
    subscribe(UserCreated, print)
    subscribe(Payload, lambda event: event["name"])


@Bus(OrderPlaced).on(UserCreated)
def decorated(event: OrderPlaced) -> None:
    """Becomes what its decorator says, which is not itself."""


@Redis().stream().on("users")
async def decorated_too(event: OrderPlaced, *, every: int = 1) -> None:
    """Wait, and use what the other one became."""
    await Bus("users").wait_for("user.created")
    print(decorated(UserCreated()).upper())
