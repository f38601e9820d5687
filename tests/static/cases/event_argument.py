"""What stands where the event class belongs."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, NewType, Protocol, TypedDict, TypeVar, assert_type

from shop import OrderPlaced, ShopEvent, Unrelated, UserCreated, UserEvent, on_object
from typedbus import AsyncBus, Bus, Event

bus = Bus(ShopEvent)
any_bus = Bus(object)
events = AsyncBus(ShopEvent)
T = TypeVar("T")
S = TypeVar("S", bound=ShopEvent)


class Elsewhere(Event):
    """An event of another program."""


class AbstractEvent(ShopEvent, ABC):
    @abstractmethod
    def key(self) -> str:
        raise NotImplementedError


class Keyed(Protocol):
    def key(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Created(Generic[T]):
    what: T


class Point(NamedTuple):
    x: int


class Payload(TypedDict):
    x: int


# Of a plain class: mypy 2.4 ends with INTERNAL ERROR at a NewType of an `Event` subclass, as of
# any class whose base is marked with `dataclass_transform`.
Renamed = NewType("Renamed", Unrelated)


def on_abstract(event: AbstractEvent) -> None: ...
def on_keyed(event: Keyed) -> None: ...
def on_created_user(event: Created[UserEvent]) -> None: ...
def on_created_order(event: Created[OrderPlaced]) -> None: ...
def on_renamed(event: Renamed) -> None: ...
def on_point(event: Point) -> None: ...
def on_payload(event: Payload) -> None: ...
def on_unrelated(event: Unrelated) -> None: ...


# classes of the bus, and of other roots
bus.subscribe(ShopEvent, on_object)
bus.subscribe(UserCreated, on_object)
any_bus.subscribe(Created, on_object)
any_bus.subscribe(Point, on_point)
any_bus.subscribe(Unrelated, on_unrelated)
any_bus.subscribe(int, on_object)
any_bus.subscribe(Point, on_unrelated)  # error: all mypy[arg-type]

# Right at run time; mypy alone wants the plugin (or `disable_error_code = type-abstract`).
bus.subscribe(AbstractEvent, on_abstract)  # error: mypy[type-abstract]; it is right
bus.subscribe(AbstractEvent, on_object)  # error: mypy[type-abstract]; it is right
bus.subscribe(AbstractEvent, on_renamed)  # error: all

# Classes that the bus does not carry: generics cannot say it, the plugin and the run time do.
bus.subscribe(Elsewhere, on_object)  # error: none; event-outside, EventOutsideError
events.subscribe(Elsewhere, on_object)  # error: none; event-outside, EventOutsideError

# Of these some event class may inherit too, wherever it is: only the run time knows of none.
bus.subscribe(Unrelated, on_unrelated)  # error: none; EventOutsideError
events.subscribe(Unrelated, on_unrelated)  # error: none; EventOutsideError
bus.subscribe(Keyed, on_keyed)  # error: mypy[type-abstract]; it is right, if there is one

# What has no instances of its own at run time.
any_bus.subscribe(Created[UserEvent], on_created_user)  # error: none; event-class, EventTypeError
any_bus.subscribe(Created[UserEvent], on_created_order)  # error: all mypy[arg-type]

any_bus.subscribe(Renamed, on_renamed)  # error: pyright ty pyrefly; event-class, EventTypeError
any_bus.subscribe(Payload, on_payload)  # error: none; event-class, EventTypeError

# no classes
bus.subscribe(UserCreated | OrderPlaced, print)  # error: mypy pyright ty; EventTypeError
bus.subscribe(UserCreated(user_id=1, email=""), on_object)  # error: all mypy[arg-type]
bus.subscribe("UserCreated", on_object)  # error: all mypy[arg-type]
bus.subscribe("user.created", on_object)  # error: all mypy[arg-type]
bus.subscribe(None, on_object)  # error: all mypy[arg-type]
bus.subscribe(on_object, on_object)  # error: all mypy[arg-type]
bus.subscribe([UserCreated], on_object)  # error: all mypy[arg-type]
events.subscribe(UserCreated | OrderPlaced, print)  # error: mypy pyright ty; EventTypeError
events.subscribe(UserCreated(user_id=1, email=""), on_object)  # error: all mypy[arg-type]
events.subscribe("user.created", on_object)  # error: all mypy[arg-type]


# event classes that come in as values
def recorded(event_type: type[S]) -> list[S]:
    got = list[S]()
    bus.subscribe(event_type, got.append)
    events.subscribe(event_type, got.append)
    return got


assert_type(recorded(UserCreated), list[UserCreated])
recorded(Unrelated)  # error: all


def of_bound(event_type: type[S]) -> None:
    got: list[S] = []
    bus.subscribe(event_type, got.append)
    bus.subscribe(event_type, lambda event: print(event.shop))
    bus.subscribe(event_type, on_object)
    bus.subscribe(event_type, on_abstract)  # error: all mypy[arg-type]
    bus.subscribe(event_type, lambda event: print(event.nope))  # error: all mypy[attr-defined]


def of_anything(event_type: type[Any], bare: type) -> None:
    bus.subscribe(event_type, on_object)  # error: none; event-untyped
    bus.subscribe(bare, on_object)
    bus.subscribe(event_type, lambda event: event.nope)  # error: none; event-untyped
    bus.subscribe(bare, lambda event: event.nope)  # error: mypy-plugin ty pyright-strict; too vague


for base in (UserCreated, UserEvent):
    bus.subscribe(base, lambda event: print(event.user_id))
    bus.subscribe(base, lambda event: print(event.nope))  # error: all mypy[attr-defined]

for each in (UserCreated, OrderPlaced):
    bus.subscribe(each, lambda event: print(event.shop))
    bus.subscribe(each, lambda event: print(event.nope))  # error: all

for one in (UserCreated, Unrelated):
    any_bus.subscribe(one, on_object)
    any_bus.subscribe(one, lambda event: print(event.nope))  # error: all
    any_bus.subscribe(one, lambda event: print(event.email))  # error: all
