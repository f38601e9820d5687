"""in_thread: a blocking handler off the event loop, awaited in its turn."""

import threading
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from tests.core.held import PATIENCE, Held
from tests.core.shop import (
    DeclinedError,
    EndError,
    ShopEvent,
    UserCreated,
    decline,
    failing,
    nothing,
    nothing_async,
    noting,
)
from typedbus import AsyncBus, Bus, HandlersFailedError, errors, in_thread

pytestmark = pytest.mark.anyio


async def test_the_handler_runs_in_another_thread() -> None:
    """The event loop goes on meanwhile: here it lets the handler go."""
    bus, held, threads = AsyncBus(ShopEvent), Held(), list[int]()
    bus.on(UserCreated, via=in_thread)(held)
    bus.on(UserCreated, via=in_thread)(lambda event: threads.append(threading.get_ident()))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.publish, UserCreated())
        assert await anyio.to_thread.run_sync(held.started.wait, PATIENCE)
        held.let_go.set()

    assert held.ended == [UserCreated()]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_it_is_awaited_in_its_turn() -> None:
    """The handler behind it begins when it has ended."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def slow(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        calls.append("async")

    bus.subscribe(UserCreated, noting(calls, "first"))
    bus.on(UserCreated, via=in_thread)(noting(calls, "in a thread"))
    bus.subscribe(UserCreated, slow)
    bus.subscribe(UserCreated, in_thread(noting(calls, "in a thread, plain form")))
    bus.subscribe(UserCreated, noting(calls, "last"))

    await bus.publish(UserCreated())

    assert calls == ["first", "in a thread", "async", "in a thread, plain form", "last"]


async def test_with_concurrency_several_threads_run_at_a_time() -> None:
    """They meet at a barrier."""
    bus, together = AsyncBus(ShopEvent, concurrency=2), threading.Barrier(2)
    met = list[int]()
    for _ in range(2):
        bus.on(UserCreated, via=in_thread)(lambda event: met.append(together.wait(PATIENCE)))

    await bus.publish(UserCreated())

    assert sorted(met) == [0, 1]


async def test_its_failure_is_a_failure_like_any_other() -> None:
    """Collected, with a note that names it; the others run."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.on(UserCreated, via=in_thread)(decline)
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    (error,) = failed.value.exceptions
    assert isinstance(error, DeclinedError)
    assert error.__notes__ == ["tests.core.shop.decline failed on tests.core.shop.UserCreated"]
    assert calls == ["behind"]


@pytest.mark.parametrize("error", [StopIteration("mine"), StopAsyncIteration("mine")], ids=repr)
async def test_an_error_that_asyncio_cannot_carry_is_a_failure_too(error: Exception) -> None:
    """`StopIteration` of a blocking handler does not hang; Python wraps it (PEP 479)."""
    bus = AsyncBus(ShopEvent)
    bus.on(UserCreated, via=in_thread)(failing(error))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    (raised,) = failed.value.exceptions
    assert error in (raised, raised.__cause__)


async def test_what_is_no_exception_passes_at_once() -> None:
    """Out of the thread, to the publisher."""
    bus, calls, stop = AsyncBus(ShopEvent), list[str](), EndError()
    bus.on(UserCreated, via=in_thread)(failing(stop))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(EndError) as raised:
        await bus.publish(UserCreated())

    assert raised.value is stop
    assert calls == []


async def test_a_publisher_that_is_cancelled_waits_for_the_end_and_goes() -> None:
    """A thread cannot be stopped, so its end is waited for; no other handler begins then."""
    bus, held, calls = AsyncBus(ShopEvent), Held(), list[str]()
    bus.on(UserCreated, via=in_thread)(held)
    bus.subscribe(UserCreated, noting(calls, "behind"))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.publish, UserCreated())
        assert await anyio.to_thread.run_sync(held.started.wait, PATIENCE)
        tasks.cancel_scope.cancel()
        held.let_go.set()

    assert held.ended == [UserCreated()]
    assert calls == []


async def test_an_async_handler_is_refused() -> None:
    """It blocks nothing, so it needs no thread; said where it is subscribed."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.NotAHandlerError, match="leave out in_thread"):
        bus.on(UserCreated, via=in_thread)(nothing_async)  # type: ignore[event-async]  # the mistake under test

    assert bus.subscriptions() == ()


async def test_an_awaitable_that_the_handler_returns_is_a_failure() -> None:
    """Nobody awaits anything in that thread."""
    bus = AsyncBus(ShopEvent)

    def return_coroutine(event: ShopEvent) -> Any:  # Any: a checker refuses the coroutine
        return nothing_async(event)

    bus.on(UserCreated, via=in_thread)(return_coroutine)

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [errors.AsyncHandlerError]


async def test_a_bus_cannot_use_it() -> None:
    """It is awaited itself, and a Bus awaits nothing."""
    bus = Bus(ShopEvent)

    with pytest.raises(errors.AsyncHandlerError, match="awaits nothing"):
        bus.on(UserCreated, via=in_thread)(nothing)  # type: ignore[arg-type]  # the mistake under test

    assert bus.subscriptions() == ()
