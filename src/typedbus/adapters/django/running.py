"""How a handler runs in Django's world, where the ORM refuses to run on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final

from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation

from typedbus.core.attempts import is_awaitable, refuse_generator
from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.errors import AsyncHandlerError

WAY_OUT: Final = "publish on an AsyncBus, or from `await sync_to_async(use_case)()`"
"""What to do with a `Bus` in an async view."""


def run(handler: AnyHandler, event: object) -> None:
    """Call *handler* with *event* in this thread, and see its coroutine through if it has one.

    The coroutine runs by `async_to_sync`: on the server's event loop if there is one, else on a
    loop of its own; and what the ORM does for it is done in this thread, on its connections.
    """
    try:
        result = handler(event)
    except SynchronousOnlyOperation as error:
        error.add_note(f"{name_of(handler)} was called on an event loop: {WAY_OUT}")
        raise
    if result is not None:
        _see_through(result, handler)


async def run_async(handler: AnyHandler, event: object) -> None:
    """Await *handler* with *event*; one that is not async runs in the thread of the ORM."""
    if is_async(handler):
        await handler(event)
        return
    result = await sync_to_async(handler, thread_sensitive=True)(event)
    refuse_generator(result, handler)
    if is_awaitable(result):
        await result


def _see_through(result: object, handler: AnyHandler) -> None:
    refuse_generator(result, handler)
    if not is_awaitable(result):
        return
    if loop_runs_here():
        close = getattr(result, "close", None)
        if close is not None:
            close()  # it never started; without this, Python warns once more, without a name
        raise AsyncHandlerError(
            name_of(handler), "it is async, and whoever called it cannot await it here", WAY_OUT
        )
    async_to_sync(_awaited)(result)


async def _awaited(result: Awaitable[object]) -> None:
    await result


def loop_runs_here() -> bool:
    """Say whether an event loop of asyncio, the only one Django knows, runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
