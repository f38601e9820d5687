"""What stands where an event class belongs: every kind of class, and what is none."""

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    List,
    Literal,
    NamedTuple,
    NewType,
    Optional,
    Protocol,
    TypeAlias,
    TypedDict,
    TypeVar,
    Union,
    runtime_checkable,
)

from pydantic import BaseModel

import shop
from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created,
    events,
    on_anything,
    on_created,
    on_order,
    on_shop,
    on_user,
)
from shop import UserCreated as Renamed
from typedbus import AsyncBus, Bus

T = TypeVar("T")
E = TypeVar("E", bound=ShopEvent)
OneOf = TypeVar("OneOf", UserCreated, OrderPlaced)
any_bus = Bus(object)


class Cancellable(ShopEvent, ABC):
    @abstractmethod
    def reason(self) -> str: ...


class OrderCancelled(Cancellable):
    def reason(self) -> str:
        return ""


class Keyed(Protocol):
    def key(self) -> str: ...


@runtime_checkable
class Checkable(Protocol):
    def key(self) -> str: ...


class KeyedEvent(ShopEvent, Keyed):
    def key(self) -> str:
        return self.shop


class Audited:
    """A mix-in."""

    by: str = "nobody"


class AuditedEvent(ShopEvent, Audited): ...


@dataclass(frozen=True)
class Created(Generic[T]):
    what: T


class IntCreated(Created[int]): ...


class Changed(ShopEvent, Generic[T]):
    to: T


class Model(BaseModel, Generic[T], frozen=True):
    what: T


class Point(NamedTuple):
    x: int


class Colour(Enum):
    RED = 1


class Payload(TypedDict):
    x: int


class Plain: ...


class Nested:
    class Event(ShopEvent):
        depth: int


Named = NewType("Named", Plain)
CreatedAlias: TypeAlias = UserCreated
plain_alias = UserCreated
IntCreatedAlias: TypeAlias = Created[int]
Either: TypeAlias = UserCreated | OrderPlaced
FINAL: Final = UserCreated


def on_cancellable(event: Cancellable) -> None: ...
def on_keyed(event: Keyed) -> None: ...
def on_audited(event: Audited) -> None: ...
def on_any_created(event: Created[Any]) -> None: ...
def on_int_created(event: Created[int]) -> None: ...
def on_str_created(event: Created[str]) -> None: ...
def on_changed(event: Changed[int]) -> None: ...
def on_model(event: Model[int]) -> None: ...
def on_point(event: Point) -> None: ...
def on_colour(event: Colour) -> None: ...
def on_nested(event: Nested.Event) -> None: ...


# abstract classes, protocols and other mix-ins
bus.subscribe(Cancellable, on_cancellable)  # mypy alone: [type-abstract]
bus.subscribe(Keyed, on_keyed)  # mypy alone: [type-abstract]
bus.subscribe(Checkable, on_keyed)  # mypy alone: [type-abstract]
bus.subscribe(Audited, on_audited)
bus.subscribe(AuditedEvent, on_audited)
bus.subscribe(KeyedEvent, on_keyed)
bus.subscribe(OrderCancelled, on_cancellable)
any_bus.subscribe(Hashable, on_anything)  # mypy alone: [type-abstract]
bus.on(Cancellable)(on_cancellable)  # mypy alone: [type-abstract]
bus.on(Keyed)(lambda event: print(event.key()))  # mypy alone: [type-abstract]
bus.subscriptions(Cancellable)
Bus(Cancellable).publish(OrderCancelled())  # mypy alone: [type-abstract]
AsyncBus(Cancellable).subscribe(OrderCancelled, on_cancellable)  # mypy alone: [type-abstract]
Bus(Keyed).subscribe(KeyedEvent, on_keyed)  # mypy alone: [type-abstract]
bus.subscribe(Cancellable, on_order)
# Handler "on_order" accepts "OrderPlaced", not "Cancellable"; subscribe it to "OrderPlaced", or let it accept "Cancellable"  [event-mismatch]
bus.subscribe(UserCreated, on_cancellable)
# Handler "on_cancellable" accepts "Cancellable", not "UserCreated"; subscribe it to "Cancellable", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(Keyed, on_order)
# Handler "on_order" accepts "OrderPlaced", not "Keyed"; subscribe it to "OrderPlaced", or let it accept "Keyed"  [event-mismatch]
bus.on(Cancellable)(lambda event: print(event.nope))
# [attr-defined]


@bus.on(Cancellable)  # mypy alone: [type-abstract]
def cancelled(event: Cancellable) -> None: ...
@bus.on(Keyed)  # mypy alone: [type-abstract]
def keyed(event: Keyed) -> None: ...
@bus.on(Cancellable)
# Handler "wrongly_cancelled" accepts "OrderPlaced", not "Cancellable"; subscribe it to "OrderPlaced", or let it accept "Cancellable"  [event-mismatch]
def wrongly_cancelled(event: OrderPlaced) -> None: ...


async def wait() -> None:
    print((await events.wait_for(Cancellable)).reason())  # mypy alone: [type-abstract]
    async with events.stream(Keyed) as stream:  # mypy alone: [type-abstract]
        async for event in stream:
            print(event.key())
            print(event.nope)
            # [attr-defined]


# classes of every kind
any_bus.subscribe(Point, on_point)
any_bus.subscribe(Colour, on_colour)
any_bus.subscribe(Created, on_any_created)
any_bus.subscribe(Created, on_int_created)
any_bus.subscribe(IntCreated, on_int_created)
any_bus.subscribe(IntCreated, on_any_created)
any_bus.subscribe(Exception, lambda event: print(event.args))
any_bus.subscribe(int, lambda event: print(event + 1))
bus.subscribe(Changed, on_changed)
any_bus.subscribe(Model[int], on_model)
any_bus.subscribe(Model, on_model)
any_bus.on(Model[int])(lambda event: print(event.what + 1))
bus.subscribe(Nested.Event, on_nested)
any_bus.subscribe(Point, on_colour)
# Handler "on_colour" accepts "Colour", not "Point"; subscribe it to "Colour", or let it accept "Point"  [event-mismatch]
any_bus.subscribe(Colour, on_point)
# Handler "on_point" accepts "Point", not "Colour"; subscribe it to "Point", or let it accept "Colour"  [event-mismatch]
any_bus.subscribe(IntCreated, on_str_created)
# Handler "on_str_created" accepts "Created[str]", not "IntCreated"; subscribe it to "Created[str]", or let it accept "IntCreated"  [event-mismatch]
any_bus.subscribe(Model[str], on_model)
# Handler "on_model" accepts "Model[int]", not "Model[str]"; subscribe it to "Model[int]", or let it accept "Model[str]"  [event-mismatch]
bus.subscribe(Nested.Event, on_order)
# Handler "on_order" accepts "OrderPlaced", not "Event"; subscribe it to "OrderPlaced", or let it accept "Event"  [event-mismatch]
any_bus.subscribe(int, on_point)
# Handler "on_point" accepts "Point", not "int"; subscribe it to "Point", or let it accept "int"  [event-mismatch]

# other names of a class
bus.subscribe(shop.UserCreated, on_created)
bus.subscribe(Renamed, on_created)
bus.subscribe(CreatedAlias, on_created)
bus.subscribe(plain_alias, on_created)
bus.subscribe(FINAL, on_created)
bus.subscribe(type(created), on_created)
bus.subscribe({"created": UserCreated}["created"], on_created)
bus.subscribe(UserCreated if created else OrderPlaced, on_shop)
bus.subscribe(shop.UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(Renamed, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(CreatedAlias, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(plain_alias, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(FINAL, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(type(created), on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe({"created": UserCreated}["created"], on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated if created else OrderPlaced, on_order)
# Handler "on_order" accepts only "OrderPlaced", but would receive every "UserCreated | OrderPlaced"; subscribe it to "OrderPlaced", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]


def in_function() -> None:
    class Local(ShopEvent):
        y: int

    def on_local(event: Local) -> None: ...

    bus.subscribe(Local, on_local)
    bus.subscribe(Local, lambda event: print(event.y))
    bus.publish(Local(y=1))
    bus.subscribe(Local, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "Local"; subscribe it to "OrderPlaced", or let it accept "Local"  [event-mismatch]
    bus.subscribe(ShopEvent, on_local)
    # Handler "on_local" accepts only "Local", but would receive every "ShopEvent"; subscribe it to "Local", or let it accept "ShopEvent"  [event-mismatch]


def of_parameters(
    one: type[UserCreated],
    bound: type[E],
    one_of: type[OneOf],
    two: type[UserCreated] | type[OrderPlaced],
    of_two: type[UserCreated | OrderPlaced],
    bare: type,
    any_class: type[Any],
    maybe: type[UserCreated] | None,
    bare_or_event: type | UserCreated,
    of_any: Bus[Any],
) -> None:
    bus.subscribe(one, on_user)
    bus.subscribe(bound, on_shop)
    bus.subscribe(one_of, on_shop)
    bus.subscribe(two, on_shop)
    bus.subscribe(two, lambda event: print(event.shop))
    bus.subscribe(of_two, on_shop)
    bus.subscribe(bare, on_shop)  # of whatever class, its events are those of the bus
    bus.subscribe(bare, lambda event: print(event.shop))
    bus.subscribe(one, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(bound, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "E"; subscribe it to "OrderPlaced", or let it accept "E"  [event-mismatch]
    bus.subscribe(two, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "UserCreated | OrderPlaced"; subscribe it to "OrderPlaced", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]
    bus.subscribe(of_two, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "UserCreated | OrderPlaced"; subscribe it to "OrderPlaced", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]
    bus.subscribe(two, lambda event: on_order(event))
    # [arg-type]
    bus.subscribe(bare, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "ShopEvent"; subscribe it to "OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
    bus.subscribe(bare, lambda event: print(event.nope))
    # [attr-defined]
    bus.subscribe(any_class, on_order)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    bus.subscribe(maybe, on_user)
    # [arg-type]
    of_any.subscribe(bare_or_event, on_user)
    # [arg-type]


# loops
for event_type in (UserCreated, OrderPlaced):
    bus.subscribe(event_type, on_shop)
    bus.subscribe(event_type, lambda event: print(event.shop))
    bus.subscribe(event_type, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "UserCreated | OrderPlaced"; subscribe it to "OrderPlaced", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]
    bus.subscribe(event_type, lambda event: on_order(event))
    # [arg-type]
for listed in [UserCreated, OrderPlaced]:
    bus.subscribe(listed, on_shop)
    bus.subscribe(listed, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "ShopEvent"; subscribe it to "OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
for name, stored in {"created": UserCreated, "user": UserEvent}.items():
    bus.subscribe(stored, on_shop)
    bus.subscribe(stored, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "ShopEvent"; subscribe it to "OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
for subclass in ShopEvent.__subclasses__():
    bus.subscribe(subclass, on_shop)
    bus.subscribe(subclass, on_order)
    # Handler "on_order" accepts only "OrderPlaced", but would receive every "ShopEvent"; subscribe it to "OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
[bus.subscribe(each, on_shop) for each in (UserCreated, OrderPlaced)]
[bus.subscribe(each, on_order) for each in (UserCreated, OrderPlaced)]
# Handler "on_order" accepts only "OrderPlaced", but would receive every "UserCreated | OrderPlaced"; subscribe it to "OrderPlaced", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]

# what is gone at run time
any_bus.subscribe(Created[int], on_int_created)
# The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
any_bus.subscribe(IntCreatedAlias, on_int_created)
# The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
bus.subscribe(Changed[int], on_changed)
# The type arguments of "Changed[int]" are gone at run time, so it cannot be an event class; subscribe to Changed itself, or derive a class from "Changed[int]"  [event-class]
any_bus.subscribe(list[int], on_anything)
# The type arguments of "list[int]" are gone at run time, so it cannot be an event class; subscribe to list itself, or derive a class from "list[int]"  [event-class]
any_bus.subscribe(List[int], on_anything)
# The type arguments of "list[int]" are gone at run time, so it cannot be an event class; subscribe to list itself, or derive a class from "list[int]"  [event-class]
any_bus.subscribe(Named, on_anything)
# The NewType "Named" is gone at run time, so it cannot be an event class; derive a class from "Plain"  [event-class]
any_bus.subscribe(Payload, on_anything)
# The TypedDict "Payload" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
any_bus.on(Created[int])(on_int_created)
# The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
any_bus.on(Named)
# The NewType "Named" is gone at run time, so it cannot be an event class; derive a class from "Plain"  [event-class]
any_bus.on(Payload)
# The TypedDict "Payload" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]


@any_bus.on(Created[int])
# The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
def int_created(event: Created[int]) -> None: ...


async def wait_in_vain() -> None:
    await events.wait_for(Changed[int])
    # The type arguments of "Changed[int]" are gone at run time, so it cannot be an event class; subscribe to Changed itself, or derive a class from "Changed[int]"  [event-class]
    events.stream(Changed[int])
    # The type arguments of "Changed[int]" are gone at run time, so it cannot be an event class; subscribe to Changed itself, or derive a class from "Changed[int]"  [event-class]


# unions and other forms of typing
bus.subscribe(UserCreated | OrderPlaced, on_anything)
# A union is no event class; subscribe once for each of its classes  [event-class]
bus.subscribe(Either, on_anything)
# A union is no event class; subscribe once for each of its classes  [event-class]
bus.subscribe(Union[UserCreated, OrderPlaced], on_anything)
# This form of typing is no event class; write the class itself, and subscribe once for each class of a union  [event-class]
bus.subscribe(Optional[UserCreated], on_anything)
# This form of typing is no event class; write the class itself, and subscribe once for each class of a union  [event-class]
bus.subscribe(Annotated[UserCreated, 1], on_anything)
# This form of typing is no event class; write the class itself, and subscribe once for each class of a union  [event-class]
bus.subscribe(Literal[1], on_anything)
# This form of typing is no event class; write the class itself, and subscribe once for each class of a union  [event-class]
bus.subscribe(Any, on_anything)
# This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
bus.on(UserCreated | OrderPlaced)
# A union is no event class; subscribe once for each of its classes  [event-class]
bus.subscribe(Changed[int] if created else UserCreated, on_order)
# The type arguments of "Changed[int]" are gone at run time, so it cannot be an event class; subscribe to Changed itself, or derive a class from "Changed[int]"  [event-class]


@bus.on(UserCreated | OrderPlaced)
# A union is no event class; subscribe once for each of its classes  [event-class]
def either(event: UserCreated | OrderPlaced) -> None: ...


# no classes at all: mypy's own word
bus.subscribe(created, on_anything)
# [arg-type]
bus.subscribe(None, on_anything)
# [arg-type]
bus.subscribe([UserCreated], on_anything)
# [arg-type]
bus.subscribe((UserCreated, OrderPlaced), on_anything)
# [arg-type]
bus.subscribe(Colour.RED, on_anything)
# [arg-type]
bus.subscribe(type[UserCreated], on_anything)
# [arg-type]
bus.on(created)
# [call-overload]
