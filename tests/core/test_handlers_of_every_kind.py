"""Whatever can be called with one event is a handler; what must be awaited needs an AsyncBus."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.kinds import HIDDEN_ASYNC, KNOWN_ASYNC, OLD_ASYNC, SYNC, Async, Seen, Sync, named
from tests.core.shop import DeclinedError, ShopEvent, UserCreated
from typedbus import AsyncBus, Bus, HandlersFailedError, errors


@pytest.mark.parametrize("kind", named(SYNC))
def test_a_sync_handler_of_any_kind_is_called(
    make_bus: MakeBus, kind: Callable[[Seen], Sync]
) -> None:
    """Once with the event and nothing else."""
    bus, seen = make_bus(), Seen()
    bus.subscribe(UserCreated, kind(seen))

    publish(bus, UserCreated())

    assert seen == [UserCreated()]


@pytest.mark.anyio
@pytest.mark.parametrize("kind", named(KNOWN_ASYNC | HIDDEN_ASYNC | OLD_ASYNC))
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_an_async_handler_of_any_kind_is_awaited(
    kind: Callable[[Seen], Async], concurrency: int
) -> None:
    """Once, by an AsyncBus."""
    bus, seen = AsyncBus(ShopEvent, concurrency=concurrency), Seen()
    bus.subscribe(UserCreated, kind(seen))
    bus.subscribe(UserCreated, kind(seen))

    await bus.publish(UserCreated())

    assert seen == [UserCreated(), UserCreated()]


@pytest.mark.parametrize("kind", named(KNOWN_ASYNC))
def test_a_handler_that_is_known_to_be_async_is_refused_by_a_bus(
    kind: Callable[[Seen], Async],
) -> None:
    """Where it is subscribed, and nothing is registered."""
    bus = Bus(ShopEvent)
    handler: Any = kind([])  # Any: a checker refuses it

    with pytest.raises(errors.AsyncHandlerError, match="awaits nothing") as refused:
        bus.subscribe(UserCreated, handler)

    assert refused.value.event_type == "tests.core.shop.UserCreated"
    assert bus.subscriptions() == ()


@pytest.mark.anyio
@pytest.mark.parametrize("kind", named(KNOWN_ASYNC | HIDDEN_ASYNC | OLD_ASYNC))
@pytest.mark.parametrize("concurrency", [1, 2])
async def test_an_async_handler_of_any_kind_may_fail(
    kind: Callable[[Seen], Async], concurrency: int
) -> None:
    """What it raises while it is awaited is collected, the first time and later."""
    bus = AsyncBus(ShopEvent, concurrency=concurrency)

    class Full(Seen):
        def append(self, event: ShopEvent, /) -> None:
            raise DeclinedError

    bus.subscribe(UserCreated, kind(Full()))
    bus.subscribe(UserCreated, kind(Full()))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError] * 2
