"""The ways from a publish to the run of a handler; the context is the same at the end of each."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

import anyio
import pytest

from tests.core.shop import ShopEvent, UserCreated
from typedbus import AsyncBackground, AsyncBus, Background, Bus, collect, collected, in_thread

Handler: TypeAlias = Callable[[ShopEvent], None]
Hop: TypeAlias = Callable[[Handler], None]
"""Publishes a `UserCreated` to the handler, and returns when that has run."""


def inline(handler: Handler) -> None:
    """Call it in the publish."""
    bus = Bus(ShopEvent, envelopes=True)
    bus.subscribe(UserCreated, handler)
    bus.publish(UserCreated())


def through_collect(handler: Handler) -> None:
    """Call it at the end of a scope."""
    bus = Bus(ShopEvent)
    bus.on(UserCreated, via=collected)(handler)
    with collect():
        bus.publish(UserCreated())


def through_background(handler: Handler) -> None:
    """Call it in a thread of its own."""
    bus = Bus(ShopEvent)
    with Background() as background:
        bus.on(UserCreated, via=background)(handler)
        bus.publish(UserCreated())


async def awaited(handler: Handler) -> None:
    """Call it in an awaited publish."""
    bus = AsyncBus(ShopEvent, envelopes=True)
    bus.subscribe(UserCreated, handler)
    await bus.publish(UserCreated())


async def at_a_time(handler: Handler) -> None:
    """Call it in a task beside another handler."""
    bus = AsyncBus(ShopEvent, envelopes=True, concurrency=2)
    bus.subscribe(UserCreated, lambda event: None)
    bus.subscribe(UserCreated, handler)
    await bus.publish(UserCreated())


async def through_async_collect(handler: Handler) -> None:
    """Call it at the end of an async scope."""
    bus = AsyncBus(ShopEvent)
    bus.on(UserCreated, via=collected)(handler)
    async with collect():
        await bus.publish(UserCreated())


async def through_async_background(handler: Handler) -> None:
    """Call it in a task of its own."""
    bus = AsyncBus(ShopEvent)
    async with AsyncBackground() as background:
        bus.on(UserCreated, via=background)(handler)
        await bus.publish(UserCreated())


async def through_thread(handler: Handler) -> None:
    """Call it off the event loop."""
    bus = AsyncBus(ShopEvent, envelopes=True)
    bus.on(UserCreated, via=in_thread)(handler)
    await bus.publish(UserCreated())


def _on(backend: str, hop: Callable[[Handler], Awaitable[None]], handler: Handler) -> None:
    anyio.run(hop, handler, backend=backend)


HOPS = [
    pytest.param(inline, id="inline"),
    pytest.param(through_collect, id="collect"),
    pytest.param(through_background, id="background"),
    *(
        pytest.param(partial(_on, backend, hop), id=f"{hop.__name__} on {backend}")
        for backend in ("asyncio", "trio")
        for hop in (
            awaited,
            at_a_time,
            through_async_collect,
            through_async_background,
            through_thread,
        )
    ),
]
