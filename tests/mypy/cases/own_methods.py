"""Classes with methods of the same names, and buses whose methods are the user's own."""

from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    created,
    on_order,
    on_user,
    placed,
    user_later,
)
from typedbus import AsyncBus, Bus, Subscription
from typedbus.core.policies import OnError

E = TypeVar("E", bound=ShopEvent)
T = TypeVar("T")
P = ParamSpec("P")


class Radio:
    """Has nothing to do with typedbus."""

    def subscribe(self, channel: str, handler: object) -> None: ...
    def publish(self, message: object) -> None: ...
    def on(self, channel: str) -> Callable[[T], T]:
        raise NotImplementedError(channel)

    def wait_for(self, channel: str) -> None: ...
    def stream(self, kind: type[T]) -> T:
        raise NotImplementedError(kind)


radio = Radio()
radio.subscribe("user.created", on_order)
radio.publish("user.created")
radio.publish(UserCreated)
radio.wait_for("user.created")
radio.stream(int)


@radio.on("user.created")
def on_air(event: Any) -> None: ...


def subscribe(event_type: str, handler: object) -> None: ...
def publish(event: object) -> None: ...


subscribe("user.created", on_order)
publish("user.created")


class NamingBus(Bus[ShopEvent]):
    """Takes names after all."""

    def subscribe(self, name: str, handler: Callable[[str], None]) -> None: ...  # type: ignore[override]
    def publish(self, name: str, payload: int) -> None: ...  # type: ignore[override]


class ClassBus(Bus[ShopEvent]):
    """Publishes classes after all, or several events."""

    def publish(self, *events: ShopEvent | type[ShopEvent]) -> None: ...


class ManyBus(Bus[ShopEvent]):
    def publish(self, *events: ShopEvent) -> None: ...


class PairBus(Bus[ShopEvent]):
    def subscribe(  # type: ignore[override]
        self, event_type: type[E], handler: Callable[[E, str], None]
    ) -> None: ...


class TurnedBus(Bus[ShopEvent]):
    def subscribe(self, handler: Callable[[E], None], event_type: type[E]) -> None: ...  # type: ignore[override]


class LaterBus(Bus[ShopEvent]):
    """Awaits its handlers somewhere else."""

    def subscribe(
        self,
        event_type: type[T],
        handler: Callable[[T], Awaitable[None] | None],
        /,
        *,
        once: bool = False,
        on_error: OnError | None = None,
        wrap: Any = (),
    ) -> Subscription:
        raise NotImplementedError(event_type, handler, once, on_error, wrap)


class CountingBus(Bus[ShopEvent]):
    """Its handlers are given a second argument, which says how it is to be."""

    def subscribe(  # type: ignore[override]
        self, event_type: type[E], handler: Callable[[E, T], None], second: T
    ) -> None: ...


class SignalBus(Bus[ShopEvent]):
    """Its handlers are given nothing."""

    def subscribe(self, event_type: type[E], handler: Callable[[], None]) -> None: ...  # type: ignore[override]


class TableBus(Bus[ShopEvent]):
    """Its handlers are rows of a table."""

    def subscribe(self, event_type: type[E], handler: int) -> None: ...  # type: ignore[override]


class BoundBus(Bus[ShopEvent]):
    """Its handlers are given what comes with them."""

    def subscribe(  # type: ignore[override]
        self,
        event_type: type[E],
        handler: Callable[P, None],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None: ...


class OneClassBus(Bus[E]):
    """Takes one class only, which is that of its type argument."""

    def on(self, event_type: type[E]) -> None:  # type: ignore[override]
        print(event_type)

    def start(self, event_type: type[E]) -> None:
        self.on(event_type)
        self.on(UserCreated)
        # [arg-type]


class NotedBus(AsyncBus[ShopEvent]):
    """Its `publish` takes the same events, and more besides."""

    async def publish(self, event: ShopEvent, /, *, note: str = "") -> None:
        await super().publish(event)


def on_pair(event: UserCreated, name: str) -> None: ...
def on_name(name: str) -> None: ...
def on_nothing() -> None: ...


NamingBus(ShopEvent).subscribe("user.created", on_name)
NamingBus(ShopEvent).publish("user.created", 1)
ClassBus(ShopEvent).publish(UserCreated, created)
ManyBus(ShopEvent).publish(created, placed)
ManyBus(ShopEvent).publish()
PairBus(ShopEvent).subscribe(UserCreated, on_pair)
TurnedBus(ShopEvent).subscribe(on_user, UserCreated)
LaterBus(ShopEvent).subscribe(UserCreated, user_later)
CountingBus(ShopEvent).subscribe(UserCreated, on_pair, "x")
SignalBus(ShopEvent).subscribe(UserCreated, on_nothing)
TableBus(ShopEvent).subscribe(UserCreated, 1)
BoundBus(ShopEvent).subscribe(UserCreated, on_pair, created, "x")
NamingBus(ShopEvent).subscribe(UserCreated, on_name)
# [arg-type]
ClassBus(ShopEvent).publish("user.created")
# [arg-type]
ManyBus(ShopEvent).publish(created, UserCreated)
# [arg-type]
PairBus(ShopEvent).subscribe(OrderPlaced, on_pair)
# [arg-type]
PairBus(ShopEvent).subscribe(int, on_pair)
# This bus carries "ShopEvent", and "int" does not inherit from it; derive "int" from "ShopEvent", or use the bus that carries it  [event-outside]
TurnedBus(ShopEvent).subscribe(on_order, UserCreated)
# [arg-type]
LaterBus(ShopEvent).subscribe(OrderPlaced, user_later)
# Handler "user_later" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
CountingBus(ShopEvent).subscribe(UserCreated, on_pair, 1)
# [arg-type]
SignalBus(ShopEvent).subscribe(UserCreated, on_user)
# [arg-type]
TableBus(ShopEvent).subscribe(UserCreated, "x")
# [arg-type]
BoundBus(ShopEvent).subscribe(UserCreated, on_pair, placed, "x")
# [arg-type]


async def noted(bus: NotedBus) -> None:
    await bus.publish(created, note="x")
    await bus.publish(*[created], note="x")
    await bus.publish(UserCreated, note="x")
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    await bus.publish("user.created")
    # No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
