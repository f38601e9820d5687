"""A handler may subscribe, cancel and publish: a publish sees the subscriptions it began with."""

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import OrderPlaced, ShopEvent, UserCreated, noting
from typedbus import AsyncBus, Bus, Subscription


def test_a_handler_may_subscribe_another_one(make_bus: MakeBus) -> None:
    """A handler subscribed during a delivery is first called by the next publish."""
    bus, calls = make_bus(), list[str]()

    def subscribe(event: UserCreated) -> None:
        bus.subscribe(UserCreated, noting(calls, "late"))

    bus.subscribe(UserCreated, subscribe, once=True)

    publish(bus, UserCreated())
    before = list(calls)
    publish(bus, UserCreated())

    assert (before, calls) == ([], ["late"])


def test_a_handler_may_cancel_a_later_one(make_bus: MakeBus) -> None:
    """A handler cancelled during a delivery is called by this publish and by no other."""
    bus, calls, later = make_bus(), list[str](), list[Subscription]()
    bus.subscribe(UserCreated, lambda event: later[0].cancel())
    later.append(bus.subscribe(UserCreated, noting(calls, "later")))

    publish(bus, UserCreated(), UserCreated())

    assert calls == ["later"]


def test_a_handler_may_cancel_itself(make_bus: MakeBus) -> None:
    """The one behind it is neither left out nor called twice."""
    bus, calls, own = make_bus(), list[str](), list[Subscription]()

    def cancel(event: ShopEvent) -> None:
        calls.append("own")
        own[0].cancel()

    own.append(bus.subscribe(UserCreated, cancel))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    publish(bus, UserCreated(), UserCreated())

    assert calls == ["own", "behind", "behind"]


@pytest.mark.parametrize("envelopes", [False, True], ids=["without envelopes", "with envelopes"])
def test_a_publish_inside_a_handler_runs_to_its_end_first(envelopes: bool) -> None:  # noqa: FBT001 - pytest passes by name
    """The outer publish goes on when everyone has been called about the inner event."""
    bus, calls = Bus(ShopEvent, envelopes=envelopes), list[str]()
    bus.subscribe(UserCreated, lambda event: bus.publish(OrderPlaced()))
    bus.subscribe(UserCreated, noting(calls, "outer"))
    bus.subscribe(OrderPlaced, noting(calls, "inner, first"))
    bus.subscribe(OrderPlaced, noting(calls, "inner, last"))

    bus.publish(UserCreated())

    assert calls == ["inner, first", "inner, last", "outer"]


@pytest.mark.anyio
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_an_awaited_publish_inside_a_handler_runs_to_its_end_first(concurrency: int) -> None:
    """What holds for `Bus` holds for `AsyncBus`: the handler goes on behind its own publish."""
    bus, calls = AsyncBus(ShopEvent, concurrency=concurrency), list[str]()

    async def place(event: UserCreated) -> None:
        await bus.publish(OrderPlaced())
        calls.append("outer")

    bus.subscribe(UserCreated, place)
    bus.subscribe(OrderPlaced, noting(calls, "inner, first"))
    bus.subscribe(OrderPlaced, noting(calls, "inner, last"))

    await bus.publish(UserCreated())

    assert calls == ["inner, first", "inner, last", "outer"]


def test_a_handler_may_publish_the_event_it_handles() -> None:
    """Each publish has a snapshot of its own, however deep."""
    bus, depths = Bus(ShopEvent), list[int]()

    def count_down(event: OrderPlaced) -> None:
        if event.order_id:
            bus.publish(OrderPlaced(order_id=event.order_id - 1))
        depths.append(event.order_id)

    bus.subscribe(OrderPlaced, count_down)
    bus.publish(OrderPlaced(order_id=3))

    assert depths == [0, 1, 2, 3]


def test_a_change_made_by_a_nested_publish_is_unseen_by_the_outer_one() -> None:
    """The outer publish keeps the subscriptions it began with, the nested one sees the change."""
    bus, calls = Bus(ShopEvent), list[str]()

    def subscribe_and_publish(event: UserCreated) -> None:
        bus.subscribe(UserCreated, noting(calls, "new"))
        bus.publish(UserCreated())

    bus.subscribe(UserCreated, subscribe_and_publish, once=True)
    bus.subscribe(UserCreated, noting(calls, "old"))
    bus.publish(UserCreated())

    assert calls == ["old", "new", "old"]


def test_a_handler_that_fails_after_changing_everything_leaves_the_snapshot_alone(
    make_bus: MakeBus,
) -> None:
    """The way behind a failure goes on through the subscriptions the publish began with."""
    bus, calls, others = make_bus(on_error="log"), list[str](), list[Subscription]()

    def rebuild_and_fail(event: UserCreated) -> None:
        for subscription in others:
            subscription.cancel()
        bus.subscribe(UserCreated, noting(calls, "new"))
        raise ValueError(event)

    first = bus.subscribe(UserCreated, rebuild_and_fail)
    others += [first, bus.subscribe(UserCreated, noting(calls, "old"))]

    publish(bus, UserCreated(), UserCreated())

    assert calls == ["old", "new"]
