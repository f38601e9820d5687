"""AsyncBus.stream: the events of a class, one after the other, to iterate over."""

from contextlib import AsyncExitStack

import anyio
import anyio.to_thread
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
from typedbus import AsyncBus, HandlersFailedError, errors

pytestmark = pytest.mark.anyio


async def test_a_stream_yields_the_events_in_order() -> None:
    """Those of its class and of subclasses, from the moment it was entered."""
    bus, seen = AsyncBus(ShopEvent), list[ShopEvent]()
    await bus.publish(UserCreated(user_id=1))

    async with bus.stream(UserEvent) as events:
        for event in (UserCreated(user_id=2), OrderPlaced(), UserEvent(user_id=3)):
            await bus.publish(event)
        async for event in events:
            seen.append(event)
            if len(seen) == 2:
                break

    assert seen == [UserCreated(user_id=2), UserEvent(user_id=3)]


async def test_closing_a_stream_ends_the_iteration_cleanly() -> None:
    """After what has come in before; a reader that waits ends at once."""
    bus, seen, ended = AsyncBus(ShopEvent), list[ShopEvent](), list[bool]()

    async with bus.stream(OrderPlaced) as events, anyio.create_task_group() as tasks:

        async def read() -> None:
            seen.extend([event async for event in events])
            ended.append(True)

        await bus.publish(order(1))
        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        await bus.publish(order(2))
        await anyio.wait_all_tasks_blocked()
        before = list(ended)
        events.close()

    assert before == []
    assert ended == [True]
    assert seen == [order(1), order(2)]


async def test_what_came_before_the_close_is_still_yielded() -> None:
    """Nothing that was published is lost."""
    bus = AsyncBus(ShopEvent)

    async with bus.stream(OrderPlaced) as events:
        await bus.publish(order(1))
        await bus.publish(order(2))
        events.close()
        await bus.publish(order(3))
        seen = [event async for event in events]

    assert seen == [order(1), order(2)]


async def test_closing_twice_is_fine() -> None:
    """A closed stream stays closed, and so does its iteration."""
    bus = AsyncBus(ShopEvent)

    async with bus.stream(OrderPlaced) as events:
        events.close()
        events.close()
        seen = [event async for event in events]

    assert seen == []


async def test_leaving_the_block_ends_the_iteration_of_others() -> None:
    """A reader in another task ends when the block is left."""
    bus, seen = AsyncBus(ShopEvent), list[ShopEvent]()

    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(anyio.create_task_group())
        async with bus.stream(OrderPlaced) as events:

            async def read() -> None:
                seen.extend([event async for event in events])

            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            await bus.publish(order(1))

    assert seen == [order(1)]
    assert bus.subscriptions() == ()


async def test_breaking_out_leaves_nothing_behind() -> None:
    """After the block nobody listens, and publishing goes on."""
    bus = AsyncBus(ShopEvent)

    async with bus.stream(OrderPlaced, buffer=1) as events:
        await bus.publish(order(1))
        async for _ in events:
            break
    for number in range(3):
        await bus.publish(order(number))

    assert bus.subscriptions() == ()


async def test_an_error_in_the_block_passes() -> None:
    """The stream ends, the error is what it was."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(DeclinedError):
        async with bus.stream(OrderPlaced):
            raise DeclinedError

    assert bus.subscriptions() == ()


async def test_a_reader_that_is_cancelled_is_cancelled() -> None:
    """Waiting for the next event swallows no cancellation."""
    bus = AsyncBus(ShopEvent)

    with anyio.move_on_after(0) as scope:
        async with bus.stream(OrderPlaced) as events:
            await anext(events)

    assert scope.cancelled_caught
    assert bus.subscriptions() == ()


async def test_a_full_stream_is_an_error_of_the_publish() -> None:
    """It names the size and the event; the other handlers run, and what is in stays in."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async with bus.stream(OrderPlaced, buffer=1) as events:
        bus.subscribe(OrderPlaced, noting(calls, "behind"))
        await bus.publish(order(1))
        with pytest.raises(HandlersFailedError) as failed:
            await bus.publish(order(2))
        events.close()
        seen = [event async for event in events]

    (full,) = failed.value.exceptions
    assert isinstance(full, errors.QueueFullError)
    assert (full.size, full.event) == (1, "tests.core.shop.OrderPlaced")
    assert calls == ["behind", "behind"]
    assert seen == [order(1)]


async def test_a_full_stream_makes_the_publisher_wait_by_choice() -> None:
    """`when_full="wait"`: the publish goes on when the reader has taken one."""
    bus, published = AsyncBus(ShopEvent), list[int]()

    async def publish_three() -> None:
        for number in range(3):
            await bus.publish(order(number))
            published.append(number)

    async with (
        bus.stream(OrderPlaced, buffer=1, when_full="wait") as events,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(publish_three)
        await anyio.wait_all_tasks_blocked()
        waiting = list(published)
        first = await anext(events)
        await anyio.wait_all_tasks_blocked()
        gone_on = list(published)
        rest = [await anext(events), await anext(events)]

    assert (waiting, gone_on, published) == ([0], [0, 1], [0, 1, 2])
    assert [first, *rest] == [order(0), order(1), order(2)]


async def test_closing_lets_a_waiting_publisher_go_on() -> None:
    """Nobody reads any more, so its event is not put in, and that is no error."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async with (
        anyio.create_task_group() as tasks,
        bus.stream(OrderPlaced, buffer=1, when_full="wait") as events,
    ):
        bus.subscribe(OrderPlaced, noting(calls, "behind"))
        await bus.publish(order(1))
        tasks.start_soon(bus.publish, order(2))
        await anyio.wait_all_tasks_blocked()
        events.close()
        seen = [event async for event in events]

    assert seen == [order(1)]
    assert calls == ["behind", "behind"]


async def test_two_streams_each_get_every_event() -> None:
    """They do not take events from each other."""
    bus = AsyncBus(ShopEvent)

    async with bus.stream(OrderPlaced) as one, bus.stream(ShopEvent) as other:
        await bus.publish(order(1))
        got = (await anext(one), await anext(other))

    assert got == (order(1), order(1))


async def test_a_thread_with_a_loop_of_its_own_may_publish_to_a_stream() -> None:
    """A reader that waits is woken from another event loop."""
    bus, seen = AsyncBus(ShopEvent), list[ShopEvent]()

    def publish_elsewhere() -> None:
        anyio.run(bus.publish, order(1))

    async with bus.stream(OrderPlaced) as events, anyio.create_task_group() as tasks:

        async def read() -> None:
            seen.append(await anext(events))

        tasks.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        await anyio.to_thread.run_sync(publish_elsewhere)

    assert seen == [order(1)]


async def test_a_stream_without_room_is_refused() -> None:
    """Where it is opened."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(ValueError, match="0"):
        bus.stream(OrderPlaced, buffer=0)


async def test_a_class_outside_the_bus_is_refused() -> None:
    """A stream that never yields anything is a mistake."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.EventOutsideError):
        await bus.stream(Elsewhere).__aenter__()  # type: ignore[event-outside]  # the mistake under test

    assert bus.subscriptions() == ()
