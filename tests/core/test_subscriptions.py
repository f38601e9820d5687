"""Subscription: cancelled, or used up."""

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import (
    DeclinedError,
    ShopEvent,
    UserCreated,
    decline,
    nothing,
    noting,
)
from typedbus import Bus, HandlersFailedError


def test_a_cancelled_subscription_is_called_no_more(make_bus: MakeBus) -> None:
    """The next publish passes it over and calls the others in their order."""
    bus, calls = make_bus(), list[str]()
    bus.subscribe(UserCreated, noting(calls, "first"))
    cancelled = bus.subscribe(UserCreated, noting(calls, "cancelled"))
    bus.subscribe(UserCreated, noting(calls, "last"))

    cancelled.cancel()
    publish(bus, UserCreated())

    assert calls == ["first", "last"]


def test_cancelling_twice_is_fine(make_bus: MakeBus) -> None:
    """The second time does nothing, also if the same handler is subscribed again meanwhile."""
    bus, calls = make_bus(), list[str]()
    handler = noting(calls, "called")
    cancelled = bus.subscribe(UserCreated, handler)

    cancelled.cancel()
    bus.subscribe(UserCreated, handler)
    cancelled.cancel()
    publish(bus, UserCreated())

    assert calls == ["called"]


def test_cancelling_one_of_two_subscriptions_leaves_the_other(make_bus: MakeBus) -> None:
    """A subscription is cancelled, not a handler: its other subscription keeps its place."""
    bus, calls = make_bus(), list[str]()
    handler = noting(calls, "twice")
    first = bus.subscribe(UserCreated, handler)
    bus.subscribe(UserCreated, noting(calls, "between"))
    bus.subscribe(UserCreated, handler)

    first.cancel()
    publish(bus, UserCreated())

    assert calls == ["between", "twice"]


def test_a_subscription_is_a_context_manager(make_bus: MakeBus) -> None:
    """It is active inside the block and cancelled at the end of it."""
    bus, calls = make_bus(), list[str]()

    with bus.subscribe(UserCreated, noting(calls, "inside")) as subscription:
        publish(bus, UserCreated())
        assert subscription.active
    publish(bus, UserCreated())

    assert calls == ["inside"]
    assert not subscription.active


def test_an_error_that_leaves_the_block_cancels_too() -> None:
    """The error passes through, the subscription is gone."""
    bus = Bus(ShopEvent)

    with pytest.raises(DeclinedError), bus.subscribe(UserCreated, nothing):
        raise DeclinedError

    assert bus.subscriptions() == ()


def test_active_says_whether_the_next_publish_calls_it() -> None:
    """True from subscribing on, False from cancelling on."""
    bus = Bus(ShopEvent)
    subscription = bus.subscribe(UserCreated, nothing)

    before = subscription.active
    subscription.cancel()

    assert (before, subscription.active) == (True, False)


def test_once_is_called_by_one_publish(make_bus: MakeBus) -> None:
    """The first publish that reaches it calls and cancels it; others of that publish run."""
    bus, calls = make_bus(), list[str]()
    once = bus.subscribe(ShopEvent, noting(calls, "once"), once=True)
    bus.subscribe(UserCreated, noting(calls, "always"))

    publish(bus, UserCreated(), UserCreated())

    assert calls == ["once", "always", "always"]
    assert not once.active


def test_once_is_cancelled_before_its_call() -> None:
    """Inside the call the subscription is gone, so a nested publish does not call it again."""
    bus, listening = Bus(ShopEvent), list[int]()

    def publish_again(event: UserCreated) -> None:
        listening.append(len(bus.subscriptions(UserCreated)))
        bus.publish(event)

    bus.subscribe(UserCreated, publish_again, once=True)
    bus.publish(UserCreated())

    assert listening == [0]


def test_once_is_used_up_by_a_call_that_fails(make_bus: MakeBus) -> None:
    """Once means one call, however it ends."""
    bus = make_bus()
    once = bus.subscribe(UserCreated, decline, once=True)

    with pytest.raises(HandlersFailedError):
        publish(bus, UserCreated())
    publish(bus, UserCreated())

    assert not once.active


def test_once_that_was_cancelled_is_never_called(make_bus: MakeBus) -> None:
    """Cancelling comes before the one call."""
    bus, calls = make_bus(), list[str]()

    bus.subscribe(UserCreated, noting(calls, "once"), once=True).cancel()
    publish(bus, UserCreated())

    assert calls == []


def test_on_takes_once(make_bus: MakeBus) -> None:
    """`@bus.on(..., once=True)` subscribes for one publish."""
    bus, calls = make_bus(), list[str]()

    bus.on(UserCreated, once=True)(noting(calls, "once"))
    publish(bus, UserCreated(), UserCreated())

    assert calls == ["once"]
