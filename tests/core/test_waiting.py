"""AsyncBus.wait_for: the next event that one asks for."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import anyio
import pytest

from tests.core.held import order
from tests.core.shop import (
    DeclinedError,
    Elsewhere,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    noting,
)
from typedbus import AsyncBus, errors

pytestmark = pytest.mark.anyio


async def answer_of(
    bus: AsyncBus[ShopEvent],
    waiting: Callable[[], Coroutine[Any, Any, ShopEvent]],
    *events: ShopEvent,
) -> ShopEvent:
    """Return what *waiting* returns when *events* are published once it waits."""
    answers = list[ShopEvent]()

    async def wait() -> None:
        answers.append(await waiting())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        for event in events:
            await bus.publish(event)
    return answers[0]


async def test_it_returns_the_next_event_of_the_class() -> None:
    """The first that comes, subclasses included, and the very object."""
    bus, event = AsyncBus(ShopEvent), UserCreated(user_id=1)

    answer = await answer_of(
        bus, lambda: bus.wait_for(UserEvent), OrderPlaced(), event, UserCreated(user_id=2)
    )

    assert answer is event


async def test_it_returns_the_next_event_for_which_where_is_true() -> None:
    """Others pass by."""
    bus = AsyncBus(ShopEvent)

    answer = await answer_of(
        bus,
        lambda: bus.wait_for(UserCreated, where=lambda event: event.user_id == 2),
        UserCreated(user_id=1),
        UserCreated(user_id=2),
        UserCreated(user_id=3),
    )

    assert answer == UserCreated(user_id=2)


async def test_where_is_asked_no_more_once_it_was_true() -> None:
    """The events that come before the waiter goes on are not its own."""
    bus, asked = AsyncBus(ShopEvent), list[int]()

    def is_two(event: OrderPlaced) -> bool:
        asked.append(event.order_id)
        return event.order_id == 2

    answer = await answer_of(
        bus, lambda: bus.wait_for(OrderPlaced, where=is_two), order(1), order(2), order(2), order(3)
    )

    assert answer == order(2)
    assert asked == [1, 2]


async def test_where_that_raises_is_the_waiters_mistake() -> None:
    """The error is raised where somebody waits, not where somebody publishes."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    error, raised = DeclinedError(), list[Exception]()

    def refuse(event: UserCreated) -> bool:
        raise error

    async def wait() -> None:
        try:
            await bus.wait_for(UserCreated, where=refuse)
        except DeclinedError as caught:
            raised.append(caught)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        bus.subscribe(UserCreated, noting(calls, "behind"))
        await bus.publish(UserCreated())

    assert raised == [error]
    assert calls == ["behind"]


async def test_it_gives_up_when_the_time_is_over() -> None:
    """The error names the class and the time."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.WaitTimeoutError) as late:
        await bus.wait_for(UserCreated, timeout=timedelta(milliseconds=1))

    assert late.value.event_type == "tests.core.shop.UserCreated"
    assert late.value.seconds == 0.001


async def test_an_event_in_time_is_no_timeout() -> None:
    """A bound that is not reached changes nothing."""
    bus = AsyncBus(ShopEvent)

    answer = await answer_of(
        bus, lambda: bus.wait_for(UserCreated, timeout=timedelta(hours=1)), UserCreated()
    )

    assert answer == UserCreated()


def test_an_event_in_the_very_last_moment_is_not_lost() -> None:
    """It comes when the time is over, but before the waiter could say so."""
    bus = AsyncBus(ShopEvent)

    async def wait_and_publish() -> ShopEvent:
        waiting = bus.wait_for(UserCreated, timeout=timedelta(0))
        answer, _ = await asyncio.gather(waiting, bus.publish(UserCreated()))
        return answer

    assert asyncio.run(wait_and_publish()) == UserCreated()


async def test_the_publisher_does_not_wait_for_the_waiter() -> None:
    """Two events at once: the waiter gets the first, and no longer listens."""
    bus = AsyncBus(ShopEvent)

    answer = await answer_of(
        bus, lambda: bus.wait_for(OrderPlaced), OrderPlaced(order_id=1), OrderPlaced(order_id=2)
    )

    assert answer == OrderPlaced(order_id=1)
    assert bus.subscriptions() == ()


async def test_many_may_wait_for_one_event() -> None:
    """Each of them gets it."""
    bus, answers = AsyncBus(ShopEvent), list[ShopEvent]()

    async def wait() -> None:
        answers.append(await bus.wait_for(UserCreated))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await bus.publish(UserCreated())

    assert answers == [UserCreated()] * 3


@pytest.mark.parametrize("timeout", [None, timedelta(hours=1)], ids=["for ever", "for an hour"])
async def test_waiting_that_is_cancelled_leaves_nothing_behind(timeout: timedelta | None) -> None:
    """The cancellation passes, and nobody listens any more."""
    bus = AsyncBus(ShopEvent)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: bus.wait_for(UserCreated, timeout=timeout))
        await anyio.wait_all_tasks_blocked()
        listening = len(bus.subscriptions(UserCreated))
        tasks.cancel_scope.cancel()

    assert listening == 1
    assert bus.subscriptions() == ()


async def test_a_waiter_that_gave_up_leaves_nothing_behind() -> None:
    """Nobody listens after a timeout."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.WaitTimeoutError):
        await bus.wait_for(UserCreated, timeout=timedelta(0))

    assert bus.subscriptions() == ()


async def test_a_class_outside_the_bus_is_refused() -> None:
    """Nobody waits for what never comes."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.EventOutsideError) as refused:
        await bus.wait_for(Elsewhere)  # type: ignore[event-outside]  # the mistake under test

    assert refused.value.event_type == "tests.core.shop.Elsewhere"
    assert refused.value.root == "tests.core.shop.ShopEvent"


async def test_what_is_no_class_is_refused() -> None:
    """At the line where it was written."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.EventTypeError):
        await bus.wait_for("user_created")  # type: ignore[event-name]  # the mistake under test


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_a_waiter_and_handlers_hear_the_same_publish(concurrency: int) -> None:
    """Waiting is a subscription like any other."""
    bus, calls = AsyncBus(ShopEvent, concurrency=concurrency), list[str]()
    bus.subscribe(UserCreated, noting(calls, "handler"))

    answer = await answer_of(bus, lambda: bus.wait_for(UserCreated), UserCreated())

    assert answer == UserCreated()
    assert calls == ["handler"]
