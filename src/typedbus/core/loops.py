"""The event loop that is running: asyncio, or one that an adapter brings.

The core waits in five ways and no other. asyncio is in the standard library, so it is served
here; others come through the entry points "typedbus.loops" (`typedbus.adapters.trio`).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from contextvars import copy_context
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from typedbus.core.errors import NoLoopError

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


class Signal(Protocol):
    """Something that happens once and that tasks wait for."""

    def set(self) -> None:
        """Let everyone who waits, or will wait, go on. May be called from any thread."""

    async def wait(self) -> None:
        """Return once it was set."""


class TaskGroup(Protocol):
    """Tasks with one owner: leaving the group waits for all of them."""

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]], /) -> None:
        """Run *function* as a task of this group."""

    def cancel(self) -> None:
        """Cancel every task of this group."""


class Loop(Protocol):
    """A running event loop."""

    @property
    def cancelled(self) -> type[BaseException]:
        """What a task gets raised when it is cancelled."""
        ...

    def signal(self) -> Signal:
        """Return a new signal, not set yet."""
        ...

    def task_group(self) -> AbstractAsyncContextManager[TaskGroup]:
        """Return a new group of tasks."""
        ...

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return a context that raises `TimeoutError` if it takes longer than *seconds*."""
        ...

    async def in_thread(self, function: Callable[[], T], /) -> T:
        """Run *function* in a worker thread, in a copy of the current context.

        A thread cannot be stopped: when the task is cancelled, its end is waited for first.
        """
        ...


def running_loop() -> Loop:
    """Return the event loop that runs in this thread, or raise `NoLoopError`."""
    import asyncio  # imported by whoever runs a loop; `import typedbus` need not pay for it

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _other_loop()
    return AsyncioLoop(loop)


class AsyncioLoop:
    """asyncio, as the core sees it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        import asyncio

        self._asyncio = asyncio
        self._loop = loop

    @property
    def cancelled(self) -> type[BaseException]:
        """What a task gets raised when it is cancelled."""
        return self._asyncio.CancelledError

    def signal(self) -> Signal:
        """Return a new signal, not set yet."""
        return _AsyncioSignal(self._loop, self._asyncio.Event())

    def task_group(self) -> AbstractAsyncContextManager[TaskGroup]:
        """Return a new group of tasks."""
        return _AsyncioTaskGroup(self._asyncio.TaskGroup())

    def deadline(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return a context that raises `TimeoutError` if it takes longer than *seconds*."""
        return self._asyncio.timeout(seconds)

    async def in_thread(self, function: Callable[[], T], /) -> T:
        """Run *function* in a worker thread, in a copy of the current context."""
        running = self._loop.run_in_executor(None, copy_context().run, function)
        cancelled: BaseException | None = None
        while not running.done():
            try:
                await self._asyncio.wait([running])
            except self._asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            running.exception()  # looked at, so that asyncio does not report it a second time
            raise cancelled
        return running.result()


class _AsyncioSignal:
    def __init__(self, loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
        self._loop = loop
        self._event = event

    def set(self) -> None:
        from asyncio import get_running_loop

        try:
            at_home = get_running_loop() is self._loop
        except RuntimeError:
            at_home = False
        if at_home:
            self._event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        await self._event.wait()


class _AsyncioTaskGroup:
    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        # A task leaves when it is done, so that a group that lives long does not grow.
        self._tasks = set["asyncio.Task[None]"]()

    def start_soon(self, function: Callable[[], Coroutine[Any, Any, None]], /) -> None:
        task = self._group.create_task(function())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._group.__aexit__(kind, error, traceback)


def _other_loop() -> Loop:
    for running in _finders():
        loop: Loop | None = running()
        if loop is not None:
            return loop
    raise NoLoopError


@cache
def _finders() -> tuple[Callable[[], Loop | None], ...]:
    """Return what the entry points "typedbus.loops" name: each finds its own running loop."""
    from importlib.metadata import entry_points

    found: list[Callable[[], Loop | None]] = []
    for entry in entry_points(group="typedbus.loops"):
        try:
            found.append(entry.load())
        except ImportError:
            continue  # an adapter whose library is not installed has no loop running either
    return tuple(found)
