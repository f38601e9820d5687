"""Cancellation of an async publish passes through at once and is never swallowed."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import anyio
import pytest

from tests.core.buses import awaited, awaited_with_envelopes, concurrent
from tests.core.shop import ShopEvent, UserCreated, decline, decline_later, failing, noting
from typedbus import AsyncBus

MakeAsyncBus: TypeAlias = Callable[..., AsyncBus[ShopEvent]]

BUSES = [
    pytest.param(awaited, id="one at a time"),
    pytest.param(awaited_with_envelopes, id="with envelopes"),
    pytest.param(concurrent, id="two at a time"),
]
BEFORE = [
    pytest.param([], id="first"),
    pytest.param([decline], id="after a failure"),
    pytest.param([decline, decline_later], id="after two failures"),
    pytest.param([lambda event: 5], id="after a result that cannot be awaited"),
]


async def wait_for_ever(event: object) -> None:
    """Wait for what never happens."""
    await anyio.Event().wait()


@pytest.mark.anyio
@pytest.mark.parametrize("make", BUSES)
@pytest.mark.parametrize("before", BEFORE)
async def test_cancellation_passes_through_at_once(
    make: MakeAsyncBus, before: list[Callable[[object], None]]
) -> None:
    """A handler that is cancelled while it waits ends the publish; no later handler is called."""
    bus, calls = make(), list[str]()

    async def cancel_and_wait(event: object) -> None:
        scope.cancel()
        try:
            await wait_for_ever(event)
        finally:
            calls.append("ended")

    for handler in (*before, cancel_and_wait):
        bus.subscribe(UserCreated, handler)
    for _ in range(3):
        bus.subscribe(UserCreated, wait_for_ever)
    bus.subscribe(UserCreated, noting(calls, "later"))
    published = False

    with anyio.CancelScope() as scope:
        await bus.publish(UserCreated())
        published = True

    assert scope.cancelled_caught
    assert not published
    assert calls == ["ended"]


@pytest.mark.anyio
@pytest.mark.parametrize("make", BUSES)
async def test_a_deadline_around_a_publish_ends_it(make: MakeAsyncBus) -> None:
    """`fail_after` is a cancellation too: the handler does not keep the publisher waiting."""
    bus = make()
    bus.subscribe(UserCreated, wait_for_ever)

    with pytest.raises(TimeoutError), anyio.fail_after(0):
        await bus.publish(UserCreated())


@pytest.mark.anyio
async def test_a_handler_may_catch_its_own_timeout() -> None:
    """A deadline inside a handler cancels what is in it and is over when the handler goes on."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def give_up(event: UserCreated) -> None:
        with anyio.move_on_after(0):
            await wait_for_ever(event)
        calls.append("gave up")

    bus.subscribe(UserCreated, give_up)
    bus.subscribe(UserCreated, noting(calls, "next"))

    await bus.publish(UserCreated())

    assert calls == ["gave up", "next"]


@pytest.mark.parametrize("make", BUSES)
@pytest.mark.parametrize("before", BEFORE)
def test_a_task_of_asyncio_that_is_cancelled_ends_cancelled(
    make: MakeAsyncBus, before: list[Callable[[object], None]]
) -> None:
    """`task.cancel()` reaches the handler, and the task says that it was cancelled."""
    bus, calls = make(), list[str]()

    async def cancel_from_outside() -> bool:
        started = asyncio.Event()

        async def wait(event: object) -> None:
            started.set()
            await asyncio.Event().wait()

        for handler in (*before, wait, noting(calls, "later")):
            bus.subscribe(UserCreated, handler)
        task = asyncio.create_task(bus.publish(UserCreated()))
        await started.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancel_from_outside())
    if make is not concurrent:
        assert calls == []


@pytest.mark.parametrize("make", BUSES)
@pytest.mark.parametrize("before", BEFORE)
def test_a_cancellation_that_a_handler_raises_itself_passes_too(
    make: MakeAsyncBus, before: list[Callable[[object], None]]
) -> None:
    """Awaiting something of asyncio that was cancelled ends the publish as well."""
    bus = make()
    for handler in (*before, failing(asyncio.CancelledError()), wait_for_ever):
        bus.subscribe(UserCreated, handler)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(bus.publish(UserCreated()))
