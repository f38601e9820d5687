"""`async with collect()`: handlers of both kinds wait for the end of the scope."""

import threading
from contextlib import AsyncExitStack, suppress

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tests.core.shop import (
    DeclinedError,
    LostError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    failing,
    noting,
)
from typedbus import (
    AsyncBus,
    Bus,
    HandlersFailedError,
    collect,
    collected,
    context,
    current_context,
)

pytestmark = pytest.mark.anyio


async def test_handlers_of_both_kinds_run_at_the_end_in_order() -> None:
    """One after the other: each begins when the one before it has ended."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def slow(event: UserCreated) -> None:
        calls.append("slow begins")
        await anyio.lowlevel.checkpoint()
        calls.append("slow ends")

    bus.on(UserCreated, via=collected)(slow)
    bus.on(UserCreated, via=collected)(noting(calls, "sync"))

    async with collect():
        await bus.publish(UserCreated())
        calls.append("end")

    assert calls == ["end", "slow begins", "slow ends", "sync"]


async def test_a_bus_may_publish_to_async_handlers_in_an_async_scope() -> None:
    """A delivery that can await serves either bus: whoever releases the scope awaits them."""
    bus, calls = Bus(ShopEvent), list[str]()

    async def note(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        calls.append("awaited")

    bus.on(UserCreated, via=collected)(note)

    async with collect():
        bus.publish(UserCreated())

    assert calls == ["awaited"]


async def test_an_error_that_leaves_the_scope_drops_them() -> None:
    """Nothing of what was collected runs."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(noting(calls, "dropped"))

    with suppress(DeclinedError):
        async with collect():
            await bus.publish(UserCreated())
            raise DeclinedError

    assert calls == []


async def test_a_cancellation_that_leaves_the_scope_drops_them() -> None:
    """A request that is given up has not happened."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(noting(calls, "dropped"))

    with anyio.CancelScope() as scope:
        async with collect():
            await bus.publish(UserCreated())
            scope.cancel()
            await anyio.lowlevel.checkpoint()

    assert scope.cancelled_caught
    assert calls == []


async def test_released_handlers_are_isolated_from_each_other() -> None:
    """Sync and async failures are collected, and the others run."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(decline_later)
    bus.on(UserCreated, via=collected)(failing(LostError()))
    bus.on(UserCreated, via=collected)(noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed:
        async with collect():
            await bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError, LostError]
    assert calls == ["last"]


async def test_cancelling_a_release_passes_at_once() -> None:
    """The handler that waits is cancelled, and the ones behind it are not called."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def cancel_and_wait(event: UserCreated) -> None:
        scope.cancel()
        await anyio.Event().wait()

    bus.on(UserCreated, via=collected)(cancel_and_wait)
    bus.on(UserCreated, via=collected)(noting(calls, "behind"))

    with anyio.CancelScope() as scope:
        async with collect():
            await bus.publish(UserCreated())

    assert scope.cancelled_caught
    assert calls == []


async def test_a_handler_that_publishes_while_it_is_released_adds_to_the_end() -> None:
    """As in a plain scope."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def publish_order(event: UserCreated) -> None:
        await bus.publish(OrderPlaced())
        calls.append("first")

    bus.on(UserCreated, via=collected)(publish_order)
    bus.on(UserCreated, via=collected)(noting(calls, "second"))
    bus.on(OrderPlaced, via=collected)(noting(calls, "order"))

    async with collect():
        await bus.publish(UserCreated())

    assert calls == ["first", "second", "order"]


async def test_the_scope_can_be_released_and_dropped_by_hand() -> None:
    """`release` is awaited; from then on handlers run at once."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(noting(calls, "handled"))

    async with collect() as pending:
        await bus.publish(UserCreated())
        await pending.release()
        released = list(calls)
    async with collect() as pending:
        await bus.publish(UserCreated())
        pending.drop()

    assert released == calls == ["handled"]


async def test_tasks_share_the_scope_that_they_were_started_in() -> None:
    """A request that works in several tasks and threads has one scope."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    plain = Bus(ShopEvent)
    bus.on(UserCreated, via=collected)(noting(calls, "task"))
    plain.on(UserCreated, via=collected)(noting(calls, "thread"))

    async with collect() as pending:
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(bus.publish, UserCreated())
        await anyio.to_thread.run_sync(plain.publish, UserCreated())
        waiting = len(pending)

    assert waiting == 4
    assert calls == ["task", "task", "task", "thread"]


async def test_requests_have_scopes_of_their_own() -> None:
    """What another task collects is released by that task."""
    bus, calls, both = AsyncBus(ShopEvent), list[str](), anyio.Event()
    bus.on(UserCreated, via=collected)(lambda event: calls.append(event.email))
    sizes = list[int]()

    async def handle_request(email: str) -> None:
        async with collect() as pending:
            await bus.publish(UserCreated(email=email))
            if email == "second":
                both.set()
            await both.wait()
            sizes.append(len(pending))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(handle_request, "first")
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(handle_request, "second")

    assert sizes == [1, 1]
    assert sorted(calls) == ["first", "second"]


async def test_a_task_that_outlives_its_scope_publishes_at_once() -> None:
    """What comes after the release is not lost in a scope that nobody releases any more."""
    bus, calls, released = AsyncBus(ShopEvent), list[str](), anyio.Event()
    bus.on(UserCreated, via=collected)(noting(calls, "late"))

    async def publish_late() -> None:
        await released.wait()
        await bus.publish(UserCreated())

    async with AsyncExitStack() as stack:
        async with collect():
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(publish_late)
            await anyio.wait_all_tasks_blocked()
        released.set()

    assert calls == ["late"]


async def test_what_a_task_publishes_while_the_scope_is_released_is_served() -> None:
    """It goes to the end of the release, or runs at once: it is never lost."""
    bus, calls, releasing, published = (
        AsyncBus(ShopEvent),
        list[str](),
        anyio.Event(),
        anyio.Event(),
    )

    async def hold(event: UserCreated) -> None:
        releasing.set()
        await published.wait()

    bus.on(UserCreated, via=collected)(hold)
    bus.on(OrderPlaced, via=collected)(noting(calls, "served"))

    async def publish_meanwhile() -> None:
        await releasing.wait()
        await bus.publish(OrderPlaced())
        published.set()

    async with anyio.create_task_group() as outer, collect():
        outer.start_soon(publish_meanwhile)
        await bus.publish(UserCreated())

    assert calls == ["served"]


async def test_a_scope_may_run_blocking_handlers_elsewhere() -> None:
    """`run_sync` runs those that are not async, in their turn and with their context."""
    bus, calls, here = AsyncBus(ShopEvent), list[str](), threading.get_ident()

    def block(event: UserCreated) -> None:
        where = "here" if threading.get_ident() == here else "elsewhere"
        calls.append(f"{where} for {current_context().tenant}")

    async def wait(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        calls.append("async")

    for handler in (block, wait, decline, block):
        bus.on(UserCreated, via=collected)(handler)

    with context(tenant="acme"), pytest.raises(HandlersFailedError) as failed:
        async with collected.scope(run_sync=anyio.to_thread.run_sync):
            await bus.publish(UserCreated())

    assert calls == ["elsewhere for acme", "async", "elsewhere for acme"]
    assert [type(error) for error in failed.value.exceptions] == [DeclinedError]
