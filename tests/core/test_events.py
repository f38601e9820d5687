"""Event: a subclass is a frozen, keyword-only dataclass."""

import copy
import dataclasses
import pickle
from abc import ABC, abstractmethod
from dataclasses import FrozenInstanceError, field
from typing import Generic, TypeVar

import pytest

from tests.core.shop import ShopEvent, UserCreated
from typedbus import Bus, Event

T = TypeVar("T")


class BasketEmptied(ShopEvent):
    basket_id: int


def test_a_fact_cannot_be_changed() -> None:
    """An attribute of an event is never set again."""
    event = UserCreated(user_id=1)

    with pytest.raises(FrozenInstanceError):
        event.user_id = 2  # type: ignore[misc]  # the mistake under test

    assert event.user_id == 1


def test_the_fields_of_an_event_are_given_by_name() -> None:
    """A positional argument is refused: which field it meant would hang on the order of classes."""
    with pytest.raises(TypeError, match="positional"):
        UserCreated("main")  # type: ignore[call-arg]  # the mistake under test


def test_a_required_field_may_follow_a_default_of_the_base() -> None:
    """A base class with defaults does not keep its subclasses from asking for more."""
    event = BasketEmptied(basket_id=7)

    assert (event.shop, event.basket_id) == ("main", 7)


def test_a_required_field_is_asked_for() -> None:
    """An event lacks nothing: making it without a required field is an error that names it."""
    with pytest.raises(TypeError, match="basket_id"):
        BasketEmptied()  # type: ignore[call-arg]  # the mistake under test


def test_events_are_equal_by_value() -> None:
    """Two events of one class with the same fields are equal, and hash alike."""
    one, same, other = UserCreated(user_id=1), UserCreated(user_id=1), UserCreated(user_id=2)

    assert one == same
    assert hash(one) == hash(same)
    assert one != other


def test_events_of_different_classes_differ() -> None:
    """Equal fields do not make two facts one."""

    class UserRestored(UserCreated):
        pass

    assert UserRestored() != UserCreated()


def test_an_event_shows_its_class_and_its_fields() -> None:
    """The repr is enough to see what happened."""
    assert "BasketEmptied(shop='main', basket_id=7)" in repr(BasketEmptied(basket_id=7))


def test_an_event_class_is_a_dataclass() -> None:
    """What works on dataclasses works on events: fields, replace, asdict."""
    event = dataclasses.replace(BasketEmptied(basket_id=7), basket_id=8)

    assert dataclasses.asdict(event) == {"shop": "main", "basket_id": 8}


def test_a_field_may_make_its_own_default() -> None:
    """`dataclasses.field` works in an event class without the decorator."""

    class BasketFilled(ShopEvent):
        items: list[str] = field(default_factory=list)

    assert BasketFilled().items is not BasketFilled().items


def test_an_event_class_may_check_its_fields() -> None:
    """`__post_init__` runs, as in any dataclass."""

    class OrderShipped(ShopEvent):
        parcels: int

        def __post_init__(self) -> None:
            if self.parcels < 1:
                raise ValueError(self.parcels)

    with pytest.raises(ValueError, match="0"):
        OrderShipped(parcels=0)


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda event: pickle.loads(pickle.dumps(event))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_an_event_can_be_duplicated(duplicate: object) -> None:
    """A copy is equal to the event, and so is what comes back from a pickle."""
    event = UserCreated(user_id=5)

    assert callable(duplicate)
    assert duplicate(event) == event


def test_an_event_class_may_be_abstract() -> None:
    """An abstract event class has no instances, but it can be subscribed to."""

    class Payment(ShopEvent, ABC):
        @property
        @abstractmethod
        def amount(self) -> int: ...

    class CardCharged(Payment):
        cents: int

        @property
        def amount(self) -> int:
            return self.cents

    bus, amounts = Bus(ShopEvent), list[int]()
    bus.subscribe(Payment, lambda event: amounts.append(event.amount))

    bus.publish(CardCharged(cents=5))

    assert amounts == [5]


def test_an_event_class_may_be_generic() -> None:
    """The instances of `Created[int]` are events of the class `Created`."""

    class Created(ShopEvent, Generic[T]):
        what: T

    bus, seen = Bus(ShopEvent), list[ShopEvent]()
    bus.subscribe(Created, seen.append)

    bus.publish(Created[int](what=1))

    assert seen == [Created(what=1)]


def test_a_misspelt_class_option_is_an_error() -> None:
    """`class X(Event, frozn=True)` does not pass in silence."""
    with pytest.raises(TypeError, match="keyword"):
        type("Misspelt", (Event,), {}, frozn=True)


def test_a_base_beside_event_gets_its_class_options() -> None:
    """`__init_subclass__` of a mix-in receives the options that are meant for it."""

    class Topical:
        topic: str

        def __init_subclass__(cls, topic: str = "", **options: object) -> None:
            super().__init_subclass__(**options)
            cls.topic = topic

    class OrderLost(ShopEvent, Topical, topic="orders"):
        pass

    assert OrderLost.topic == "orders"
