"""Classes that a bus does not carry, and those that it may meet after all."""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from shop import (
    Other,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created,
    events,
    on_anything,
    on_other,
    on_shop,
    placed,
)
from typedbus import AsyncBus, Bus, Event, Publisher

E = TypeVar("E", bound=ShopEvent)
Unrelated = TypeVar("Unrelated", bound=Other)


class StockEvent(BaseModel, frozen=True): ...
class StockLow(StockEvent, frozen=True): ...
class Invoice(BaseModel, frozen=True): ...


@dataclass(frozen=True)
class PlainEvent:
    number: int


@dataclass(frozen=True)
class PlainCreated(PlainEvent): ...


class Audited:
    """Some event class, wherever it is defined, may inherit from this one."""


class AuditedAndCreated(UserCreated, Audited): ...
class AbstractMixIn(ABC): ...
class Keyed(Protocol):
    def key(self) -> str: ...


class Point(NamedTuple):
    x: int


class Colour(Enum):
    RED = 1


user_bus = Bus(UserEvent)
stock_bus = Bus(StockEvent)
plain_bus = Bus(PlainEvent)
object_bus = Bus(object)

# the root, its subclasses, its bases; and classes beside it, of which an event may be too
bus.subscribe(ShopEvent, on_shop)
bus.subscribe(Event, on_anything)
bus.subscribe(object, on_anything)
bus.subscribe(Audited, on_anything)
bus.subscribe(AbstractMixIn, on_anything)
bus.subscribe(Keyed, on_anything)  # mypy alone: [type-abstract]
bus.subscribe(AuditedAndCreated, on_anything)
stock_bus.subscribe(StockLow, on_anything)
stock_bus.subscribe(BaseModel, on_anything)
plain_bus.subscribe(PlainCreated, on_anything)
plain_bus.subscribe(Audited, on_anything)
object_bus.subscribe(Other, on_other)
object_bus.subscribe(int, on_anything)
Bus().subscribe(Other, on_other)

# Of the same family as the root, and not of it: no event is both.
bus.subscribe(Other, on_other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
user_bus.subscribe(OrderPlaced, on_anything)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
stock_bus.subscribe(Invoice, on_anything)
# This bus carries "StockEvent", and "Invoice" does not inherit from it; derive "Invoice" from "StockEvent", or use the bus that carries it  [event-outside]
Bus().subscribe(int, on_anything)
# This bus carries "Event", and "int" does not inherit from it; derive "int" from "Event", or use the bus that carries it  [event-outside]
bus.subscribe(str, on_anything)
# This bus carries "ShopEvent", and "str" does not inherit from it; derive "str" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.subscribe(type(placed) if created else Other, on_anything)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.on(Other)(on_other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
events.on(Other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
events.subscribe(Other, on_other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
for each in (UserCreated, Other):
    bus.subscribe(each, on_anything)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]


@bus.on(Other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
def other(event: Other) -> None: ...
@bus.on(Other)
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
def wrong_other(event: UserCreated) -> None: ...


async def wait() -> None:
    await events.wait_for(Other)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
    async with events.stream(Other) as stream:
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
        print(stream)


def of_parameters(one: type[E], wrong: type[Unrelated], either: type[ShopEvent] | type[Other]) -> None:
    bus.subscribe(one, on_shop)
    bus.subscribe(wrong, on_other)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
    bus.subscribe(either, on_anything)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]


# published
bus.publish(created)
user_bus.publish(created)
stock_bus.publish(StockLow())
object_bus.publish(Other())
object_bus.publish(1)
object_bus.publish(None)
Bus(int).publish(True)
Bus(Colour).publish(Colour.RED)
Bus(Audited).publish(AuditedAndCreated(user_id=1, email=""))
bus.publish(Other())
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
user_bus.publish(placed)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
stock_bus.publish(Invoice())
# This bus carries "StockEvent", and "Invoice" does not inherit from it; derive "Invoice" from "StockEvent", or use the bus that carries it  [event-outside]
plain_bus.publish(StockLow())
# This bus carries "PlainEvent", and "StockLow" does not inherit from it; derive "StockLow" from "PlainEvent", or use the bus that carries it  [event-outside]
bus.publish(1)
# This bus carries "ShopEvent", and "int" does not inherit from it; derive "int" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish([created])
# This bus carries "ShopEvent", and "list[UserCreated]" does not inherit from it; derive "list[UserCreated]" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish((created, placed))
# This bus carries "ShopEvent", and "tuple[Any, ...]" does not inherit from it; derive "tuple[Any, ...]" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish(Point(1))
# This bus carries "ShopEvent", and "Point" does not inherit from it; derive "Point" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish({"order": 1})
# This bus carries "ShopEvent", and "dict[str, int]" does not inherit from it; derive "dict[str, int]" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish(datetime.now())
# This bus carries "ShopEvent", and "datetime" does not inherit from it; derive "datetime" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish(Colour.RED)
# This bus carries "ShopEvent", and "Colour" does not inherit from it; derive "Colour" from "ShopEvent", or use the bus that carries it  [event-outside]
bus.publish(created if placed else Other())
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]


def of_values(
    either: UserCreated | OrderPlaced,
    wrong: UserCreated | Other,
    generic: E,
    wrong_generic: Unrelated,
    wide: Event,
    thing: object,
    audited: ShopEvent,
) -> None:
    bus.publish(either)
    bus.publish(generic)
    if isinstance(thing, ShopEvent):
        bus.publish(thing)
    if isinstance(audited, Audited):
        bus.publish(audited)
    match thing:
        case UserCreated() | OrderPlaced():
            bus.publish(thing)
        case Other():
            bus.publish(thing)
            # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
        case _:
            pass
    bus.publish(wrong)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
    bus.publish(wrong_generic)
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
    bus.publish(wide)
    # [arg-type]
    bus.publish(thing)
    # [arg-type]


# Of two roots: what cannot be of one may be of the other, where it would be a mix-in.
def of_two_roots(two: Bus[ShopEvent | StockEvent]) -> None:
    two.subscribe(UserCreated, on_anything)
    two.subscribe(StockLow, on_anything)
    two.subscribe(Other, on_anything)
    two.publish(created)
    two.publish(StockLow())
    two.subscribe(int, on_anything)
    # This bus carries "ShopEvent | StockEvent", and "int" does not inherit from it; derive "int" from "ShopEvent | StockEvent", or use the bus that carries it  [event-outside]
    two.publish(Other())
    # This bus carries "ShopEvent | StockEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent | StockEvent", or use the bus that carries it  [event-outside]


def of_callables(publisher: Publisher[Callable[[], None]]) -> None:
    publisher.publish(of_nothing)
    publisher.publish(created)
    # [arg-type]


def of_nothing() -> None: ...


async def publish_async() -> None:
    await events.publish(created)
    await AsyncBus().publish(Other())
    await events.publish(Other())
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
