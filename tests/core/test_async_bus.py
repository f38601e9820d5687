"""AsyncBus: handlers of both kinds, one after the other."""

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from tests.core.shop import (
    DeclinedError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    nothing,
    nothing_async,
    noting,
)
from typedbus import AsyncBus, HandlersFailedError

pytestmark = pytest.mark.anyio


async def test_handlers_run_one_after_the_other() -> None:
    """A handler begins when the one before it has ended, async or not."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def slow(event: UserCreated) -> None:
        calls.append("slow begins")
        await anyio.lowlevel.checkpoint()
        calls.append("slow ends")

    bus.subscribe(UserCreated, noting(calls, "first"))
    bus.subscribe(UserCreated, slow)
    bus.subscribe(ShopEvent, noting(calls, "last"))

    await bus.publish(UserCreated())

    assert calls == ["first", "slow begins", "slow ends", "last"]


async def test_two_publishes_at_a_time_do_not_wait_for_each_other() -> None:
    """Handlers of one event run in order; another task's publish has an order of its own."""
    bus, arrived = AsyncBus(ShopEvent), anyio.Event()
    done = list[str]()

    async def wait_for_order(event: UserCreated) -> None:
        await arrived.wait()
        done.append("user")

    async def let_user_go(event: OrderPlaced) -> None:
        arrived.set()
        done.append("order")

    bus.subscribe(UserCreated, wait_for_order)
    bus.subscribe(OrderPlaced, let_user_go)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.publish, UserCreated())
        tasks.start_soon(bus.publish, OrderPlaced())

    assert done == ["order", "user"]


@pytest.mark.parametrize("failing", [decline, decline_later], ids=["sync", "async"])
async def test_a_handler_that_fails_is_collected(failing: Callable[[object], None]) -> None:
    """Sync or async, first or later: each failure is in the group, and the others run."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.subscribe(UserCreated, failing)
    bus.subscribe(UserCreated, noting(calls, "between"))
    bus.subscribe(UserCreated, failing)
    bus.subscribe(UserCreated, noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError, DeclinedError]
    assert calls == ["between", "last"]


def answer(event: object) -> Any:  # Any: a checker would refuse the int
    """Return what cannot be awaited."""
    return 5


async def type_error_later(event: object) -> None:
    """Raise what awaiting a wrong result would raise."""
    raise TypeError("object int can't be used in 'await' expression")


def type_error(event: object) -> None:
    """Raise what awaiting a wrong result would raise."""
    raise TypeError("object int can't be used in 'await' expression")


@pytest.mark.parametrize("failing", [type_error, type_error_later], ids=["sync", "async"])
@pytest.mark.parametrize(
    "before",
    [
        pytest.param([], id="first"),
        pytest.param([nothing], id="after a sync handler"),
        pytest.param([nothing_async], id="after an async handler"),
        pytest.param([nothing, nothing_async, nothing], id="after both"),
        pytest.param([answer], id="after a result that cannot be awaited"),
        pytest.param([answer, nothing_async], id="after that and an async handler"),
    ],
)
async def test_a_type_error_of_a_handler_is_its_failure(
    before: list[Callable[[object], None]], failing: Callable[[object], None]
) -> None:
    """It is not taken for a result that cannot be awaited, whatever ran before."""
    bus = AsyncBus(ShopEvent, on_error="raise")
    for handler in (*before, failing):
        bus.subscribe(UserCreated, handler)

    with pytest.raises(TypeError, match="can't be used"):
        await bus.publish(UserCreated())


async def test_a_result_that_cannot_be_awaited_is_passed_over() -> None:
    """What a handler returns that is nothing to await is no failure, and hides none."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def note_later(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        calls.append("async")

    bus.subscribe(UserCreated, note_later)
    bus.subscribe(UserCreated, answer)
    bus.subscribe(UserCreated, note_later)
    bus.subscribe(UserCreated, answer)
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError]
    assert failed.value.__context__ is None
    assert failed.value.exceptions[0].__context__ is None
    assert calls == ["async", "async", "last"]


async def test_a_failed_handler_has_left_no_task_behind() -> None:
    """Under a task group of the publisher's, a failure is an error like any other."""
    bus = AsyncBus(ShopEvent)
    bus.subscribe(UserCreated, decline_later)

    with pytest.raises(ExceptionGroup) as failed:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bus.publish, UserCreated())

    assert isinstance(failed.value.exceptions[0], HandlersFailedError)
