"""A bus remembers the way from an event class to its handlers; each change is seen at once."""

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import ShopEvent, UserCreated

MANY: list[type[ShopEvent]] = [type(f"Arrival{n}", (ShopEvent,), {}) for n in range(20)]
each_change = pytest.mark.parametrize(
    ("published", "listened_to"),
    [
        pytest.param(MANY[:1], [ShopEvent], id="one class, to its base"),
        pytest.param(MANY, [ShopEvent], id="many classes, to their base"),
        pytest.param(MANY, MANY, id="many classes, to each of them"),
    ],
)


@each_change
def test_a_later_subscription_reaches_what_was_published_before(
    make_bus: MakeBus, published: list[type[ShopEvent]], listened_to: list[type[ShopEvent]]
) -> None:
    """The next publish of the class and of every subclass sees it."""
    bus, seen = make_bus(), list[ShopEvent]()
    events = [each() for each in published]
    publish(bus, *events)

    for event_type in listened_to:
        bus.subscribe(event_type, seen.append)
    publish(bus, *events)

    assert seen == events


@each_change
def test_a_cancelled_subscription_reaches_nothing_that_was_published_before(
    make_bus: MakeBus, published: list[type[ShopEvent]], listened_to: list[type[ShopEvent]]
) -> None:
    """The next publish of the class and of every subclass passes it over."""
    bus, seen = make_bus(), list[ShopEvent]()
    subscriptions = [bus.subscribe(event_type, seen.append) for event_type in listened_to]
    events = [each() for each in published]
    publish(bus, *events)

    for subscription in subscriptions:
        subscription.cancel()
    publish(bus, *events)

    assert seen == events


def test_a_class_defined_late_reaches_its_bases(make_bus: MakeBus) -> None:
    """Event classes may come into being after the subscriptions and after the first publish."""
    bus, seen = make_bus(), list[ShopEvent]()
    bus.subscribe(UserCreated, seen.append)
    publish(bus, UserCreated())

    class Invited(UserCreated):
        pass

    publish(bus, Invited())

    assert seen == [UserCreated(), Invited()]
