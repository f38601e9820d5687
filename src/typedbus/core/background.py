"""Background: handlers off the publisher's path, in threads that have an owner."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from threading import Condition, Thread, current_thread
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from typedbus.core.attempts import attempt_in
from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.delivered import Delivered
from typedbus.core.errors import AsyncHandlerError, NotStartedError, QueueFullError
from typedbus.core.jobs import Job, WhenFull, check_options, runs_for, settle
from typedbus.core.policies import Failures, OnError, policy_for

E = TypeVar("E")

Taken: TypeAlias = Literal["taken", "full", "closed"]


class Background:
    """A delivery whose handlers run in a pool of threads, while the publisher goes on.

    It runs as long as its `with` block; leaving the block drains it. A handler that publishes to
    it again is never made to wait for itself: its events go in, room or not.

    Args:
        workers: How many threads there are; with one, handlers run in the order of publishing.
        queue: How many may wait for a thread.
        when_full: Make the publisher "wait" for room, or "raise" `QueueFullError` in it.
        drain: How long leaving the block may take. What is left then is named by an
            `UnfinishedError`; its threads cannot be stopped, but do not keep the program alive.
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

    def __call__(self, handler: Callable[[E], None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that puts it into the queue."""
        return _InBackground(self, handler)

    def __enter__(self) -> Self:
        if self._pool is not None:
            raise RuntimeError(f"{self.name} is running already: enter it once.")
        self._pool = _Pool(self._queue, Failures(self._policy))
        for number in range(1, self._workers + 1):
            Thread(target=self._pool.work, name=f"{self.name}-{number}", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pool = self._pool
        assert pool is not None, "`with` enters before it exits"
        left = pool.close(self._drain.total_seconds())
        self._pool = None
        settle(self.name, left, pool.failures, pool.stops, error)

    def put(self, job: Job) -> None:
        """Take *job* in, or raise: the stand-ins call this on publish."""
        pool = self._pool
        taken: Taken = "closed"
        if pool is not None and runs_for(self):
            taken = pool.force(job)
        elif pool is not None:
            taken = pool.put(job, wait=self._when_full == "wait")
        if taken == "full":
            raise QueueFullError(self.name, self._queue, job.delivered.name, job.event_name)
        if taken == "closed":
            raise NotStartedError(self.name, job.delivered.name, job.event_name)


class _Pool:
    """The queue and the threads of one run."""

    def __init__(self, size: int, failures: Failures) -> None:
        self.failures = failures
        self.stops: list[BaseException] = []
        self.open = True
        self._size = size
        self._jobs = deque[Job]()
        self._running = dict[Thread, Job]()
        self._changed = Condition()

    def put(self, job: Job, *, wait: bool) -> Taken:
        """Take *job* in if there is room, or when there is; say what came of it."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: not self.open or len(self._jobs) < self._size)
            if not self.open:
                return "closed"
            if len(self._jobs) >= self._size:
                return "full"
            return self.force(job)

    def force(self, job: Job) -> Taken:
        """Take *job* in at once: it comes from one of the threads that empty the queue."""
        with self._changed:
            if not self.open and not self._running:
                return "closed"  # it comes from what a job has left behind, and nobody is there
            self._jobs.append(job)
            self._changed.notify_all()
            return "taken"

    def close(self, seconds: float) -> tuple[Job, ...]:
        """Take in no more, let the rest run for *seconds*, and return what is left then."""
        with self._changed:
            self.open = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._jobs and not self._running, seconds)
            left = (*self._running.values(), *self._jobs)
            self._jobs.clear()
        return left

    def work(self) -> None:
        """Run jobs until the pool is closed and empty: the body of each thread."""
        while (job := self._next()) is not None:
            try:
                error = attempt_in(job.context, job.call, job.event)
                if error is not None:
                    self.failures.judge(job.failed(error))
            except BaseException as stop:  # noqa: BLE001 - raised where the block is left
                self.stops.append(stop)
            with self._changed:
                del self._running[current_thread()]
                self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or (not self.open and not self._running))
            if not self._jobs:
                return None
            job = self._running[current_thread()] = self._jobs.popleft()
            self._changed.notify_all()
            return job


class _InBackground(Delivered):
    __slots__ = ("_background", "delivery")

    def __init__(self, background: Background, handler: AnyHandler) -> None:
        super().__init__(handler)
        if is_async(handler):
            raise AsyncHandlerError(
                name_of(handler),
                f"{background.name} runs handlers in threads, which await nothing",
                "use AsyncBackground",
            )
        self._background = background
        self.delivery = background.name

    def __call__(self, event: Any, /) -> None:
        self._background.put(Job.made_here(self, event).owned_by(self._background))
