"""AsyncBackground: what happens when its handlers, or the block that owns it, fail."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest

from tests.core.held import PATIENCE, order
from tests.core.shop import (
    DeclinedError,
    EndError,
    LostError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    failing,
    noting,
)
from typedbus import AsyncBackground, AsyncBus, HandlersFailedError, errors

pytestmark = pytest.mark.anyio


async def publish_in(
    background: AsyncBackground, *handlers: Callable[[ShopEvent], Awaitable[None] | None]
) -> None:
    """Publish one event to *handlers* via *background*, in its block."""
    bus = AsyncBus(ShopEvent)
    async with background:
        for handler in handlers:
            bus.on(UserCreated, via=background)(handler)
        await bus.publish(UserCreated())


async def test_a_failure_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for the handler, so the log is where its failure goes by default."""
    calls = list[str]()

    await publish_in(AsyncBackground(workers=1), decline_later, noting(calls, "behind"))

    (record,) = [each for each in caplog.records if each.name == "typedbus"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], DeclinedError)
    assert calls == ["behind"]


async def test_what_is_collected_is_raised_when_the_block_is_left() -> None:
    """One group with a note on each error that says whose it is."""
    background = AsyncBackground(workers=1, on_error="collect")

    with pytest.raises(HandlersFailedError) as failed:
        await publish_in(background, decline, failing(LostError()))

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError, LostError]
    assert failed.value.exceptions[0].__notes__ == [
        "tests.core.shop.decline failed on tests.core.shop.UserCreated"
    ]


async def test_what_is_no_exception_is_raised_when_the_block_is_left() -> None:
    """The task goes on, the others run, and nothing is held back for good."""
    calls, stop = list[str](), EndError()

    with pytest.raises(EndError) as raised:
        await publish_in(AsyncBackground(workers=1), failing(stop), noting(calls, "behind"))

    assert raised.value is stop
    assert calls == ["behind"]


async def wait_for_ever(event: object) -> None:
    """Wait for what never happens."""
    await anyio.Event().wait()


async def test_what_is_left_when_the_time_is_over_is_cancelled_and_named() -> None:
    """The one that runs is cancelled, those that wait never run; all are named."""
    calls = list[str]()

    async def wait(event: ShopEvent) -> None:
        calls.append("begun")
        try:
            await anyio.Event().wait()
        finally:
            calls.append("cancelled")

    background = AsyncBackground(workers=1, drain=timedelta(0), name="mail")
    bus = AsyncBus(ShopEvent)
    bus.on(UserCreated, via=background)(wait)
    bus.on(OrderPlaced, via=background)(decline)

    async def publish_and_leave() -> None:
        async with background:
            await bus.publish(UserCreated())
            await anyio.wait_all_tasks_blocked()
            await bus.publish(order(1))

    with pytest.raises(errors.UnfinishedError) as unfinished:
        await publish_and_leave()

    name = f"{__name__}.{wait.__qualname__} on tests.core.shop.UserCreated"
    assert unfinished.value.delivery == "mail"
    assert unfinished.value.left == (name, "tests.core.shop.decline on tests.core.shop.OrderPlaced")
    assert calls == ["begun", "cancelled"]


async def test_an_error_that_leaves_the_block_passes_with_what_else_went_wrong() -> None:
    """It is not replaced: failures and what is left are notes on it."""
    error = LostError()
    background = AsyncBackground(workers=1, drain=timedelta(0), on_error="collect")
    bus = AsyncBus(ShopEvent)
    bus.on(UserCreated, via=background)(decline)
    bus.on(UserCreated, via=background)(wait_for_ever)

    async def leave_by_an_error() -> None:
        async with background:
            await bus.publish(UserCreated())
            await anyio.wait_all_tasks_blocked()
            raise error

    with pytest.raises(LostError) as raised:
        await leave_by_an_error()

    notes = "\n".join(raised.value.__notes__)
    assert raised.value is error
    assert "tests.core.shop.decline failed on tests.core.shop.UserCreated" in notes
    assert "wait_for_ever on tests.core.shop.UserCreated" in notes


async def test_a_block_that_is_cancelled_cancels_its_handlers_at_once() -> None:
    """There is no time to drain: the cancellation passes."""
    calls = list[str]()

    async def wait(event: ShopEvent) -> None:
        try:
            await anyio.Event().wait()
        finally:
            calls.append("cancelled")

    bus, left = AsyncBus(ShopEvent), False

    with anyio.CancelScope() as scope:
        async with AsyncBackground(workers=1) as background:
            bus.on(UserCreated, via=background)(wait)
            bus.on(UserCreated, via=background)(noting(calls, "never"))
            await bus.publish(UserCreated())
            await anyio.wait_all_tasks_blocked()
            scope.cancel()
            await anyio.lowlevel.checkpoint()
        left = True

    assert scope.cancelled_caught
    assert not left
    assert calls == ["cancelled"]


async def test_a_cancellation_ends_the_draining() -> None:
    """Whoever leaves the block and is cancelled meanwhile does not wait for the handlers."""
    calls = list[str]()

    async def wait(event: ShopEvent) -> None:
        try:
            await anyio.Event().wait()
        finally:
            calls.append("cancelled")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(publish_in, AsyncBackground(drain=timedelta(hours=1)), wait)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    assert calls == ["cancelled"]


def test_a_task_of_asyncio_that_is_cancelled_in_the_block_does_not_drain() -> None:
    """It is cancelled once: what is left is cancelled then, and named on the way out."""
    calls = list[str]()

    async def wait(event: ShopEvent) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            calls.append("cancelled")

    async def stay_in_the_block(started: asyncio.Event) -> None:
        bus = AsyncBus(ShopEvent)
        async with AsyncBackground(drain=timedelta(hours=1)) as background:
            bus.on(UserCreated, via=background)(wait)
            await bus.publish(UserCreated())
            started.set()
            await asyncio.Event().wait()

    async def cancel_from_outside() -> asyncio.CancelledError | None:
        started = asyncio.Event()
        task = asyncio.create_task(stay_in_the_block(started))
        await started.wait()
        task.cancel()
        try:
            await asyncio.wait_for(task, PATIENCE)
        except asyncio.CancelledError as error:
            return error
        return None

    error = asyncio.run(cancel_from_outside())

    assert error is not None
    assert f"{wait.__qualname__} on tests.core.shop.UserCreated" in "".join(error.__notes__)
    assert calls == ["cancelled"]
