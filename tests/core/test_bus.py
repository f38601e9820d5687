"""Who is called by a publish, in which order; the same however the bus delivers."""

import gc
import weakref
from collections.abc import Callable

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import (
    Elsewhere,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    decline,
    nothing,
    noting,
)
from typedbus import Bus, Decision, Event, HandlersFailedError, errors


def test_an_event_reaches_its_class_and_every_base_in_order(make_bus: MakeBus) -> None:
    """The order is that of subscribing, whichever of its classes somebody subscribed to."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(ShopEvent, noting(calls, "shop"))
    bus.subscribe(UserCreated, noting(calls, "created"))
    bus.subscribe(UserEvent, noting(calls, "user"))
    bus.subscribe(UserCreated, noting(calls, "created again"))
    bus.subscribe(ShopEvent, noting(calls, "shop again"))

    publish(bus, UserCreated())

    assert calls == ["shop", "created", "user", "created again", "shop again"]


def test_an_event_reaches_neither_siblings_nor_subclasses(make_bus: MakeBus) -> None:
    """Only its own class and what that inherits from."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(OrderPlaced, noting(calls, "sibling"))
    bus.subscribe(UserCreated, noting(calls, "subclass"))

    publish(bus, UserEvent())

    assert calls == []


def test_the_handler_is_given_the_event_itself(make_bus: MakeBus) -> None:
    """Not a copy of it."""
    bus, seen, event = make_bus(), list[ShopEvent](), UserCreated()
    bus.subscribe(UserCreated, seen.append)

    publish(bus, event)

    assert [each is event for each in seen] == [True]


def test_nobody_listening_is_fine(make_bus: MakeBus) -> None:
    """A publish that reaches nobody is no error."""
    bus = make_bus()

    publish(bus, UserCreated())

    assert bus.subscriptions(UserCreated) == ()


def test_a_subscription_is_called_once_for_a_class_inherited_twice(make_bus: MakeBus) -> None:
    """Two ways up to one base class make one call."""

    class Renamed(UserEvent):
        pass

    class Moved(UserEvent):
        pass

    class Replaced(Renamed, Moved):
        pass

    bus, calls = make_bus(), list[str]()
    bus.subscribe(UserEvent, noting(calls, "user"))

    publish(bus, Replaced())

    assert calls == ["user"]


def test_a_handler_subscribed_twice_is_called_twice(make_bus: MakeBus) -> None:
    """Each subscription is called once for each publish; two subscriptions are two calls."""
    bus, calls = make_bus(), list[str]()
    handler = noting(calls, "again")
    bus.subscribe(UserCreated, handler)
    bus.subscribe(ShopEvent, noting(calls, "between"))
    bus.subscribe(UserEvent, handler)

    publish(bus, UserCreated(), UserCreated())

    assert calls == ["again", "between", "again"] * 2


def test_a_mix_in_beside_the_root_is_reached(make_bus: MakeBus) -> None:
    """A base class that is no subclass of the root hears the events that inherit from it."""

    class Audited:
        pass

    class Refunded(ShopEvent, Audited):
        pass

    bus, seen = make_bus(), list[object]()
    bus.subscribe(Audited, seen.append)

    publish(bus, Refunded(), OrderPlaced())

    assert seen == [Refunded()]


@pytest.mark.parametrize("base", [Event, object], ids=["base of the root", "object"])
def test_a_base_of_the_root_hears_everything(make_bus: MakeBus, base: type) -> None:
    """Whoever subscribes to a base class of the root hears every event of the bus."""
    bus, seen = make_bus(), list[object]()
    bus.subscribe(base, seen.append)

    publish(bus, UserCreated(), OrderPlaced())

    assert seen == [UserCreated(), OrderPlaced()]


def test_a_result_of_a_handler_is_passed_over(make_bus: MakeBus) -> None:
    """A lambda may return what the expression gives; nobody looks, and the next one is called."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(UserCreated, lambda event: event.user_id)  # type: ignore[arg-type, return-value]  # what is under test
    bus.subscribe(UserCreated, noting(calls, "next"))

    publish(bus, UserCreated())

    assert calls == ["next"]


def test_the_bus_keeps_its_handlers_alive(make_bus: MakeBus) -> None:
    """References are strong: a handler that nobody else holds goes on being called."""

    class Counter:
        def __init__(self) -> None:
            self.calls = 0

        def count(self, event: ShopEvent) -> None:
            self.calls += 1

    bus, held = make_bus(), list[weakref.ref[Counter]]()

    def subscribe() -> None:
        counter = Counter()
        held.append(weakref.ref(counter))
        bus.subscribe(ShopEvent, counter.count)

    subscribe()
    gc.collect(1)
    publish(bus, UserCreated())

    counter = held[0]()
    assert counter is not None
    assert counter.calls == 1


@pytest.mark.parametrize("handler", [nothing, decline])
def test_nothing_of_a_delivery_is_kept_on_the_bus(
    make_bus: MakeBus, handler: Callable[[object], None]
) -> None:
    """An event that was delivered is forgotten, and so is what it failed with."""
    bus = make_bus(on_error=lambda failure: Decision.IGNORE)
    bus.subscribe(UserCreated, handler)
    event = UserCreated()
    forgotten = weakref.ref(event)

    publish(bus, event)
    del event
    gc.collect(1)

    assert forgotten() is None


def test_on_gives_back_the_very_function(make_bus: MakeBus) -> None:
    """A decorated function stays itself, so it can be decorated twice and called in a test."""
    bus, seen = make_bus(), list[ShopEvent]()

    def handle(event: ShopEvent) -> None:
        seen.append(event)

    given_back = [bus.on(OrderPlaced)(handle), bus.on(UserCreated)(handle)]
    publish(bus, OrderPlaced(), UserCreated())

    assert [each is handle for each in given_back] == [True, True]
    assert seen == [OrderPlaced(), UserCreated()]


def test_a_bus_without_a_root_carries_every_event() -> None:
    """`Bus()` is `Bus[Event]`."""
    bus, seen = Bus(), list[Event]()
    bus.subscribe(Event, seen.append)

    bus.publish(UserCreated())
    bus.publish(Elsewhere())

    assert seen == [UserCreated(), Elsewhere()]


def test_buses_know_nothing_of_each_other() -> None:
    """Two buses of one root have their own subscriptions."""
    one, other, seen = Bus(ShopEvent), Bus(ShopEvent), list[ShopEvent]()
    one.subscribe(UserCreated, seen.append)

    other.publish(UserCreated())

    assert seen == []


def test_a_bus_may_be_subclassed() -> None:
    """A subclass with an `__init__` of its own is a bus like any other."""

    class ShopBus(Bus[ShopEvent]):
        def __init__(self, shop: str) -> None:
            super().__init__(ShopEvent)
            self.shop = shop

    bus, seen = ShopBus("main"), list[ShopEvent]()
    bus.subscribe(UserCreated, seen.append)

    bus.publish(UserCreated())

    assert seen == [UserCreated()]
    with pytest.raises(errors.EventOutsideError):
        bus.subscribe(Elsewhere, nothing)  # type: ignore[event-outside]  # the mistake under test


def test_a_publish_after_a_failed_one_is_as_any_other(make_bus: MakeBus) -> None:
    """A failure leaves the subscriptions as they are."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, noting(calls, "behind"))

    for _ in range(2):
        with pytest.raises(HandlersFailedError):
            publish(bus, UserCreated())

    assert calls == ["behind", "behind"]
