"""AsyncBackground: handlers off the publisher's path, in tasks that have an owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from typedbus.core.attempts import attempt_async_in
from typedbus.core.buffers import Buffer
from typedbus.core.callables import AnyHandler
from typedbus.core.delivered import Delivered
from typedbus.core.errors import NotStartedError, QueueFullError
from typedbus.core.jobs import Job, WhenFull, check_options, runs_for, settle
from typedbus.core.loops import Loop, running_loop
from typedbus.core.policies import Failures, OnError, policy_for

E = TypeVar("E")


class AsyncBackground:
    """A delivery whose handlers run in tasks of their own, while the publisher goes on.

    It serves `AsyncBus`, takes sync and async handlers, and runs as long as its `async with`
    block; leaving the block drains it. A handler that publishes to it again is never made to
    wait for itself: its events go in, room or not.

    Args:
        workers: How many handlers run at a time; with one, in the order of publishing.
        queue: How many may wait.
        when_full: Make the publisher "wait" for room, or "raise" `QueueFullError` in it.
        drain: How long leaving the block may take. What is left then is cancelled and named by
            an `UnfinishedError`.
        on_error: What happens when a handler fails that has no policy of its own. What is
            collected is raised on leaving the block.
        name: What messages call it.
    """

    def __init__(
        self,
        *,
        workers: int = 4,
        queue: int = 1000,
        when_full: WhenFull = "wait",
        drain: timedelta = timedelta(seconds=10),
        on_error: OnError = "log",
        name: str = "background",
    ) -> None:
        check_options(workers, queue, when_full)
        self.name: Final = name
        self._workers = workers
        self._queue = queue
        self._when_full = when_full
        self._drain = drain
        self._policy = policy_for(on_error)
        self._pool: _Pool | None = None

    def __call__(
        self, handler: Callable[[E], Awaitable[None] | None], /
    ) -> Callable[[E], Awaitable[None]]:
        """Return the stand-in for *handler* that puts it into the queue."""
        return _InAsyncBackground(self, handler)

    async def __aenter__(self) -> Self:
        if self._pool is not None:
            raise RuntimeError(f"{self.name} is running already: enter it once.")
        pool = _Pool(self._queue, Failures(self._policy))
        await pool.start(self._workers)
        self._pool = pool
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pool = self._pool
        assert pool is not None, "`async with` enters before it exits"
        try:
            left = await pool.close(self._drain.total_seconds(), error)
        finally:
            self._pool = None
        settle(self.name, left, pool.failures, pool.stops, error)

    async def put(self, job: Job) -> None:
        """Take *job* in, or raise: the stand-ins call this on publish."""
        pool = self._pool
        if pool is not None and runs_for(self) and pool.works:
            pool.jobs.force(job)
        elif pool is not None and self._when_full == "raise" and not pool.jobs.closed:
            if not pool.jobs.offer(job):
                raise QueueFullError(self.name, self._queue, job.delivered.name, job.event_name)
        elif pool is None or not await pool.jobs.put(job):
            raise NotStartedError(self.name, job.delivered.name, job.event_name)


class _Pool:
    """The queue and the tasks of one run."""

    def __init__(self, size: int, failures: Failures) -> None:
        self.jobs = Buffer[Job](size)
        self.failures = failures
        self.stops: list[BaseException] = []
        self._running = dict[int, Job]()
        self._loop: Loop = running_loop()
        self._group = self._loop.task_group()
        self._all_done = self._loop.signal()
        self._working = 0

    @property
    def works(self) -> bool:
        """Whether somebody is there to take what is put in, or runs what is putting it in."""
        return not self.jobs.closed or bool(self._running)

    async def start(self, workers: int) -> None:
        self._tasks = await self._group.__aenter__()
        self._working = workers
        for number in range(workers):
            self._tasks.start_soon(partial(self._work, number))

    async def close(self, seconds: float, error: BaseException | None) -> tuple[Job, ...]:
        """Take in no more, let the rest run for *seconds*, and return what is left then.

        Where the block is left because it is cancelled, there is no time at all.
        """
        self.jobs.close()
        left: tuple[Job, ...] = ()
        try:
            if isinstance(error, self._loop.cancelled):
                left = self._give_up()
            else:
                async with self._loop.deadline(seconds):
                    await self._all_done.wait()
        except TimeoutError:
            left = self._give_up()
        except BaseException as stop:
            left = self._give_up()
            if left:
                stop.add_note(f"cancelled: {', '.join(map(str, left))}")
            await self._group.__aexit__(type(stop), stop, stop.__traceback__)
            raise
        await self._group.__aexit__(None, None, None)
        return left

    def _give_up(self) -> tuple[Job, ...]:
        left = (*self._running.values(), *self.jobs.clear())
        self._tasks.cancel()
        return left

    async def _work(self, number: int) -> None:
        """Run jobs until the queue is closed and empty: the body of each task."""
        try:
            while (taken := await self.jobs.get()) is not None:
                await self._run(number, taken[0])
        finally:
            self._working -= 1
            if not self._working:
                self._all_done.set()

    async def _run(self, number: int, job: Job) -> None:
        self._running[number] = job
        try:
            error = await attempt_async_in(job.context, job.call, job.event)
            if error is not None:
                self.failures.judge(job.failed(error))
        except self._loop.cancelled:
            raise
        except BaseException as stop:  # noqa: BLE001 - raised where the block is left
            self.stops.append(stop)
        finally:
            del self._running[number]


class _InAsyncBackground(Delivered):
    __slots__ = ("_background", "delivery")

    def __init__(self, background: AsyncBackground, handler: AnyHandler) -> None:
        super().__init__(handler)
        self._background = background
        self.delivery = background.name

    async def __call__(self, event: Any, /) -> None:
        await self._background.put(Job.made_here(self, event).owned_by(self._background))
