"""A bus given to somebody who publishes through a `Publisher` or an `AsyncPublisher`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import (
    Annotated,
    Any,
    Generic,
    NamedTuple,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    overload,
)

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, bus, created, events
from typedbus import AsyncBus, AsyncPublisher, Bus, Event, Publisher

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=ShopEvent)
E_contra = TypeVar("E_contra", contravariant=True)
user_bus = Bus(UserEvent)
order_bus = Bus(OrderPlaced)
order_events = AsyncBus(OrderPlaced)


def traced(function: Callable[P, R]) -> Callable[P, R]:
    return function


def replaced(function: Callable[..., None]) -> Callable[[Publisher[UserCreated]], None]:
    return function


class CreateUser:
    def __init__(self, events: Publisher[UserCreated], retries: int = 0) -> None: ...


class CreateAdmin(CreateUser): ...


class PlaceOrder(CreateUser):
    def __init__(self, name: str, events: Publisher[OrderPlaced]) -> None: ...


@dataclass
class UserService:
    events: Publisher[UserCreated]
    retries: int = 0


@dataclass(frozen=True, kw_only=True)
class FrozenService:
    events: Publisher[UserCreated]
    log: list[str] = field(default_factory=list)


class TupleService(NamedTuple):
    events: Publisher[UserCreated]


class Repository(Generic[E]):
    def __init__(self, events: Publisher[E]) -> None: ...


class UserRepository(Repository[UserCreated]): ...


class Factory:
    def __new__(cls, events: Publisher[UserCreated]) -> Self:
        return super().__new__(cls)

    @classmethod
    def made(cls, events: Publisher[UserCreated]) -> Self:
        return cls(events)

    @staticmethod
    def run(events: Publisher[UserCreated]) -> None: ...
    def given(self, events: Publisher[UserCreated]) -> None: ...
    def __call__(self, events: Publisher[UserCreated]) -> None: ...


class Flushing(Publisher[UserCreated], Protocol):
    def flush(self) -> None: ...


class Narrowed(Publisher[E_contra], Protocol[E_contra]):
    """A sub-protocol that asks for nothing more."""


class Recorder:
    def publish(self, event: ShopEvent, /) -> None: ...


class WideBus(Bus[UserEvent]):
    """Publishes more than its root."""

    def publish(self, event: ShopEvent, /) -> None: ...


UserPublisher: TypeAlias = Publisher[UserCreated]


def create(events: Publisher[UserCreated]) -> None: ...
def create_all(*events: Publisher[UserCreated]) -> None: ...
def create_named(**events: Publisher[UserCreated]) -> None: ...
def create_maybe(events: Publisher[UserCreated] | None = None) -> None: ...
def create_by_default(events: Publisher[UserCreated] = bus) -> None: ...
def create_both(events: Publisher[UserCreated | OrderPlaced]) -> None: ...
def create_either(events: Publisher[UserCreated] | AsyncPublisher[UserCreated]) -> None: ...
def create_with(events: Publisher[E], event: E) -> None: ...
def create_flushing(events: Flushing) -> None: ...
def create_narrowed(events: Narrowed[UserCreated]) -> None: ...
def create_alias(events: UserPublisher) -> None: ...
def create_annotated(events: Annotated[Publisher[UserCreated], "bus"]) -> None: ...
@traced
def create_traced(events: Publisher[UserCreated]) -> None: ...
async def create_later(events: AsyncPublisher[UserCreated]) -> None: ...
@replaced
def create_replaced(events: Publisher[UserCreated]) -> None: ...
@overload
def create_any(events: Publisher[UserCreated]) -> int: ...
@overload
def create_any(events: AsyncPublisher[UserCreated]) -> str: ...
def create_any(events: Any) -> Any: ...


# Any bus that carries the event serves, and anything else with such a `publish`.
CreateUser(bus)
CreateUser(events=bus, retries=1)
CreateUser(user_bus)
CreateUser(Bus())
CreateUser(Bus(ShopEvent))  # mypy alone: [arg-type]
CreateUser(Bus(object), 2)  # mypy alone: [arg-type]
CreateUser(Recorder())
CreateUser(*(bus,))
CreateAdmin(bus)
PlaceOrder("x", bus)
UserService(bus)
UserService(events=Bus(ShopEvent))  # mypy alone: [arg-type]
FrozenService(events=bus)
TupleService(bus)
TupleService(Bus(ShopEvent))  # mypy alone: [arg-type]
Repository(bus)
Repository[UserCreated](bus)
UserRepository(user_bus)
Factory(bus)
Factory.made(bus)
Factory.run(Bus(ShopEvent))  # mypy alone: [arg-type]
create(bus)
create_all()
create_all(bus, user_bus)
create_named(a=bus, b=Bus(ShopEvent))  # mypy alone: [arg-type]
create_maybe()
create_maybe(None)
create_maybe(bus)
create_by_default(user_bus)
create_both(bus)
create_either(bus)
create_either(events)
create_with(bus, created)
create_narrowed(bus)
create_alias(bus)
create_annotated(bus)
create_traced(Bus(ShopEvent))  # mypy alone: [arg-type]
create_any(bus)
create_any(events)
partial(create, bus)()
create_both(WideBus(UserEvent))

CreateUser(order_bus)
# "CreateUser" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
CreateUser(events=order_bus, retries=1)
# "CreateUser" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
CreateUser(Bus(OrderPlaced))
# "CreateUser" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
CreateAdmin(order_bus)
# "CreateAdmin" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
PlaceOrder("x", user_bus)
# "PlaceOrder" publishes "OrderPlaced", and this bus carries "UserEvent"; give it a bus that carries "OrderPlaced"  [event-mismatch]
UserService(order_bus)
# "UserService" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
UserService(events=Bus(OrderPlaced))
# "UserService" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
FrozenService(events=order_bus)
# "FrozenService" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
UserRepository(order_bus)
# "UserRepository" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create(order_bus)
# "create" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_all(bus, order_bus)
# "create_all" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_named(a=bus, b=order_bus)
# "create_named" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_maybe(order_bus)
# "create_maybe" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_by_default(order_bus)
# "create_by_default" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_both(user_bus)
# "create_both" publishes "UserCreated | OrderPlaced", and this bus carries "UserEvent"; give it a bus that carries "UserCreated | OrderPlaced"  [event-mismatch]
create_narrowed(order_bus)
# "create_narrowed" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_flushing(order_bus)
# "create_flushing" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_alias(order_bus)
# "create_alias" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_annotated(order_bus)
# "create_annotated" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_traced(order_bus)
# "create_traced" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create_replaced(order_bus)
# "create_replaced" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
create(order_bus if created else bus)
# "create" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]

# sync and async
CreateUser(events)
# "CreateUser" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncBus[ShopEvent]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
CreateUser(AsyncBus(ShopEvent))
# "CreateUser" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncBus[ShopEvent]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
create_maybe(events)
# "create_maybe" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncBus[ShopEvent]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
CreateUser(order_events)
# "CreateUser" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]


async def later(wide: AsyncPublisher[Event]) -> None:
    await create_later(events)
    await create_later(AsyncBus(ShopEvent))  # mypy alone: [arg-type]
    await create_later(wide)
    await create_later(bus)
    # "create_later" takes an "AsyncPublisher[UserCreated]", which it awaits, and "Bus[ShopEvent]" has nothing to await; give it an AsyncBus, or let it take a Publisher  [event-async]
    await create_later(order_events)
    # "create_later" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
    await create_later(order_bus)
    # "create_later" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]


def handed_on(
    maybe: Bus[ShopEvent] | None,
    narrow: Publisher[OrderPlaced],
    wide: Publisher[UserEvent],
    wide_async: AsyncPublisher[UserEvent],
    anything: Any,
    two: Bus[ShopEvent] | Bus[UserEvent],
    wrong_two: Bus[ShopEvent] | Bus[OrderPlaced],
    service: type[CreateUser],
) -> None:
    create(wide)
    create(anything)
    create(two)
    create_maybe(maybe)
    service(bus)
    create(narrow)
    # "create" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
    create(wide_async)
    # "create" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncPublisher[UserEvent]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
    create(wrong_two)
    # [arg-type]
    create(maybe)
    # [arg-type]
    service(order_bus)
    # [arg-type]


# Methods, generic classes, overloaded functions and assignments are mypy's to tell.
Factory(order_bus)
# [arg-type]
Factory.made(order_bus)
# [arg-type]
Factory.run(order_bus)
# [arg-type]
Factory(bus).given(order_bus)
# [arg-type]
Factory(bus)(order_bus)
# [arg-type]
TupleService(order_bus)
# [arg-type]
Repository[UserCreated](order_bus)
# [arg-type]
create_either(order_bus)
# [arg-type]
create_any(order_bus)
# [arg-type]
create_flushing(bus)
# [arg-type]
create_with(order_bus, created)
# [misc]
create_named(**{"a": order_bus})
# [arg-type]
partial(create, order_bus)
# [arg-type]
kept: Publisher[UserCreated] = order_bus
# [assignment]
CreateUser(Bus)
# [arg-type]
CreateUser(None)
# [arg-type]


class Host:
    def __init__(self, held: Bus[ShopEvent], wrong: Bus[OrderPlaced]) -> None:
        self.held = held
        self.create = CreateUser(self.held)
        self.create_too = CreateUser(held if held else Bus())
        self.wrong = CreateUser(wrong)
        # "CreateUser" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]
