"""Any class can be the root: dataclasses, pydantic, attrs and msgspec classes are events too."""

from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import anyio
import attrs
import msgspec
import pydantic
import pytest

from tests.core.shop import UserCreated, nothing
from typedbus import AsyncBus, Bus, Event, errors

T = TypeVar("T")


@dataclass(frozen=True)
class PlainRoot:
    pass


@dataclass(frozen=True)
class PlainOrder(PlainRoot):
    order_id: int = 1


class ModelRoot(pydantic.BaseModel):
    pass


class ModelOrder(ModelRoot):
    order_id: int = 1


class ModelCreated(ModelRoot, Generic[T]):
    what: T


@attrs.frozen
class AttrsRoot:
    pass


@attrs.frozen
class AttrsOrder(AttrsRoot):
    order_id: int = 1


class StructRoot(msgspec.Struct, frozen=True):
    pass


class StructOrder(StructRoot, frozen=True):
    order_id: int = 1


class BareRoot:
    pass


class BareOrder(BareRoot):
    __slots__ = ()


class EventRoot(Event):
    pass


class EventOrder(EventRoot):
    order_id: int = 1


class Kind(NamedTuple):
    root: type[Any]  # Any: the kinds have no class in common
    order: type[Any]


KINDS = [
    pytest.param(Kind(EventRoot, EventOrder), id="event"),
    pytest.param(Kind(PlainRoot, PlainOrder), id="dataclass"),
    pytest.param(Kind(ModelRoot, ModelOrder), id="pydantic"),
    pytest.param(Kind(AttrsRoot, AttrsOrder), id="attrs"),
    pytest.param(Kind(StructRoot, StructOrder), id="msgspec"),
    pytest.param(Kind(BareRoot, BareOrder), id="bare class"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bus_carries_events_of_any_kind(kind: Kind) -> None:
    """The root, and who subscribes to it or to a subclass, may be of any kind of class."""
    bus, seen = Bus(kind.root), list[object]()
    bus.subscribe(kind.root, seen.append)
    bus.subscribe(kind.order, seen.append)
    event = kind.order()

    bus.publish(event)

    assert [each is event for each in seen] == [True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_an_async_bus_carries_events_of_any_kind(kind: Kind) -> None:
    """What holds for `Bus` holds for `AsyncBus`."""
    bus, seen = AsyncBus(kind.root), list[object]()
    bus.subscribe(kind.root, seen.append)
    bus.subscribe(kind.order, seen.append)
    event = kind.order()

    anyio.run(bus.publish, event)

    assert [each is event for each in seen] == [True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_the_classes_outside_are_refused_whatever_their_kind(kind: Kind) -> None:
    """A root carries its own family, whatever the classes are made with."""
    bus = Bus(kind.root)

    with pytest.raises(errors.EventOutsideError) as refused:
        bus.subscribe(UserCreated, nothing)
    with pytest.raises(errors.EventOutsideError):
        bus.publish(UserCreated())

    assert refused.value.root.endswith(kind.root.__name__)
    assert bus.subscriptions() == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_is_no_event_whatever_its_kind(kind: Kind) -> None:
    """Publishing a class instead of an instance is refused for each kind."""
    bus = Bus(kind.root)

    with pytest.raises(errors.NotAnEventError):
        bus.publish(kind.order)


def test_a_parametrised_pydantic_generic_is_a_class() -> None:
    """`Created[int]` of pydantic has subscribers of its own."""
    bus, whole, texts = Bus(ModelRoot), list[object](), list[object]()
    bus.subscribe(ModelCreated[int], whole.append)
    bus.subscribe(ModelCreated[str], texts.append)

    bus.publish(ModelCreated[int](what=1))

    assert whole == [ModelCreated[int](what=1)]
    assert texts == []


def test_an_event_of_a_parametrised_pydantic_generic_reaches_the_generic_itself() -> None:
    """`Created` is a base class of `Created[int]`."""
    bus, seen = Bus(ModelRoot), list[object]()
    bus.subscribe(ModelCreated, seen.append)

    bus.publish(ModelCreated[int](what=1))

    assert seen == [ModelCreated[int](what=1)]


def test_a_parametrised_plain_generic_is_refused() -> None:
    """`Created[int]` of a plain generic is gone at run time, so nobody can subscribe to it."""

    class Created(Event, Generic[T]):
        what: T

    with pytest.raises(errors.EventTypeError, match="subscribe to Created itself"):
        Bus().subscribe(Created[int], nothing)  # type: ignore[event-class]  # the mistake under test


def test_a_parametrised_msgspec_generic_is_refused() -> None:
    """The generics of msgspec are plain ones."""

    class Created(msgspec.Struct, Generic[T]):
        what: T

    with pytest.raises(errors.EventTypeError, match="subscribe to Created itself"):
        Bus(Created).subscribe(Created[int], nothing)  # type: ignore[event-class]  # the mistake under test


def test_an_event_need_not_be_hashable() -> None:
    """A mutable dataclass is an event like any other: a bus looks at its class only."""

    @dataclass
    class Draft:
        text: str = ""

    bus, seen = Bus(Draft), list[Draft]()
    bus.subscribe(Draft, seen.append)

    bus.publish(Draft("hello"))

    assert seen == [Draft("hello")]
