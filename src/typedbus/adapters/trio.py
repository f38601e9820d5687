"""trio: its event loop, as the core sees it (entry point "typedbus.loops")."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import trio

from typedbus.core.loops import Signal, TaskGroup

T = TypeVar("T")


class TrioLoop:
    """A running trio loop."""

    @property
    def cancelled(self) -> type[BaseException]:
        """What a task gets raised when it is cancelled."""
        return trio.Cancelled

    def signal(self) -> Signal:
        """Return a new signal, not set yet."""
        return _TrioSignal()

    def task_group(self) -> AbstractAsyncContextManager[TaskGroup]:
        """Return a new group of tasks."""
        return _task_group()

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return a context that raises `TimeoutError` if it takes longer than *seconds*."""
        return _deadline(seconds)

    async def in_thread(self, function: Callable[[], T], /) -> T:
        """Run *function* in a worker thread, in a copy of the current context."""
        result = await trio.to_thread.run_sync(function)
        await trio.lowlevel.checkpoint_if_cancelled()  # or the next handler would still run
        return result


def running_trio_loop() -> TrioLoop | None:
    """Return the trio loop that runs in this thread, if one does."""
    return TrioLoop() if trio.lowlevel.in_trio_run() else None


class _TrioSignal:
    def __init__(self) -> None:
        self._event = trio.Event()
        self._token = trio.lowlevel.current_trio_token()

    def set(self) -> None:
        if trio.lowlevel.in_trio_run() and trio.lowlevel.current_trio_token() is self._token:
            self._event.set()
            return
        try:
            self._token.run_sync_soon(self._event.set)
        except trio.RunFinishedError:
            return  # whoever waited is gone with the loop

    async def wait(self) -> None:
        await self._event.wait()


class _TrioTaskGroup:
    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]], /) -> None:
        self._nursery.start_soon(function)

    def cancel(self) -> None:
        self._nursery.cancel_scope.cancel()


@asynccontextmanager
async def _task_group() -> AsyncIterator[TaskGroup]:
    async with trio.open_nursery() as nursery:
        yield _TrioTaskGroup(nursery)


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncIterator[None]:
    try:
        with trio.fail_after(seconds):
            yield
    except trio.TooSlowError as error:
        raise TimeoutError from error
