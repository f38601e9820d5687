"""Publishing what is no event, and making a bus for what is no event class."""

from abc import ABC
from typing import Any, Generic, Protocol, TypeVar

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import Elsewhere, ShopEvent, UserCreated, nothing, noting
from typedbus import AsyncBus, Bus, Event, errors

T = TypeVar("T")


class Created(Event, Generic[T]):
    pass


NO_EVENTS = [
    pytest.param(UserCreated, "the class tests.core.shop.UserCreated", "call it", id="class"),
    pytest.param(Elsewhere, "the class tests.core.shop.Elsewhere", "call it", id="class outside"),
    pytest.param(type, "the class builtins.type", "call it", id="type of classes"),
    pytest.param("user_created", "'user_created'", "write UserCreated(...)", id="string"),
    pytest.param("nonsense", "'nonsense'", "write its class(...)", id="string like no class"),
    pytest.param(None, "None", "publish an instance", id="None"),
    pytest.param(5, "5", "publish an instance", id="number"),
    pytest.param({"user_id": 1}, "{'user_id': 1}", "publish an instance", id="dict"),
    pytest.param([UserCreated()], "[UserCreated(", "publish an instance", id="list of events"),
    pytest.param(nothing, "<function nothing", "publish an instance", id="function"),
]


@pytest.mark.parametrize(("given", "shown", "remedy"), NO_EVENTS)
def test_what_is_no_event_is_refused(
    make_bus: MakeBus, given: Any, shown: str, remedy: str
) -> None:
    """Each time: the error shows it, says what to publish instead, and no handler is called."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(object, noting(calls, "called"))

    with pytest.raises(errors.NotAnEventError):
        publish(bus, given)
    with pytest.raises(errors.NotAnEventError) as refused:
        publish(bus, given)

    assert isinstance(refused.value, TypeError)
    assert shown in str(refused.value)
    assert remedy in str(refused.value)
    assert calls == []


@pytest.mark.parametrize("given", ["user_created", None, 5], ids=repr)
def test_the_error_names_the_root_of_the_bus(make_bus: MakeBus, given: Any) -> None:
    """What the bus carries is the other side of the mistake."""
    with pytest.raises(errors.NotAnEventError, match=r"carries tests\.core\.shop\.ShopEvent"):
        publish(make_bus(), given)


def test_an_event_of_another_bus_is_refused(make_bus: MakeBus) -> None:
    """The error names its class and the root, and no handler is called."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(Event, noting(calls, "called"))
    outside: Any = Elsewhere()  # Any: a checker refuses it

    with pytest.raises(errors.EventOutsideError) as refused:
        publish(bus, outside)

    assert refused.value.event_type == "tests.core.shop.Elsewhere"
    assert refused.value.root == "tests.core.shop.ShopEvent"
    assert refused.value.act == "publish"
    assert calls == []


def test_an_error_shows_no_more_than_a_line() -> None:
    """A large object is cut short."""
    bus: Any = Bus(ShopEvent)  # Any: a checker refuses the list

    with pytest.raises(errors.NotAnEventError) as refused:
        bus.publish(list(range(1000)))

    assert len(str(refused.value)) < 300


def test_a_class_that_only_claims_to_be_one_is_outside() -> None:
    """`ABC.register` inherits nothing, so dispatch could not go by it."""

    class Payment(ABC):  # noqa: B024 - it needs the metaclass, no methods
        pass

    class Cash:
        pass

    Payment.register(Cash)
    bus: Any = Bus(Payment)  # Any: a checker knows that Cash is none

    with pytest.raises(errors.EventOutsideError):
        bus.subscribe(Cash, nothing)
    with pytest.raises(errors.EventOutsideError):
        bus.publish(Cash())


def test_a_protocol_is_carried_if_an_event_class_inherits_it() -> None:
    """It counts as a base class, not by what it looks like."""

    class HasUser(Protocol):
        user_id: int

    class Renamed(ShopEvent, HasUser):
        user_id: int = 1

    class HasNobody(Protocol):
        nobody: int

    bus, seen = Bus(ShopEvent), list[object]()
    subscribe: Any = bus.subscribe  # Any: a checker allows no abstract class there
    subscribe(HasUser, seen.append)
    bus.publish(Renamed())

    assert seen == [Renamed()]
    with pytest.raises(errors.EventOutsideError):
        subscribe(HasNobody, nothing)


@pytest.mark.parametrize("make", [Bus, AsyncBus])
@pytest.mark.parametrize(
    "root",
    ["ShopEvent", None, 5, ShopEvent(), ShopEvent | None, Created[int], type],
    ids=["string", "None", "number", "event", "union", "parametrised", "type of classes"],
)
def test_a_root_that_is_no_event_class_is_refused(make: Any, root: object) -> None:
    """Where the bus is made."""
    with pytest.raises(errors.EventTypeError):
        make(root)


@pytest.mark.parametrize("make", [Bus, AsyncBus])
def test_a_root_in_square_brackets_is_refused(make: Any) -> None:
    """`Bus[ShopEvent]()` would carry every event: type arguments are gone at run time."""
    with pytest.raises(errors.EventTypeError, match=r"write \w+\(ShopEvent\)") as refused:
        make[ShopEvent]()

    assert refused.value.given == f"{make.__name__}[ShopEvent]()"


@pytest.mark.parametrize("make", [Bus, AsyncBus])
def test_a_root_in_both_kinds_of_brackets_is_fine(make: Any) -> None:
    """`Bus[ShopEvent](ShopEvent)` says the same thing twice, and so does `Bus[Event]()`."""
    assert "ShopEvent" in repr(make[ShopEvent](ShopEvent))
    assert "Event" in repr(make[Event]())
