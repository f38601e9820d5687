"""What a scope has collected and not yet released."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from threading import Lock
from typing import Final

from typedbus.core.attempts import RunSync, attempt_async_in, attempt_in
from typedbus.core.jobs import Job
from typedbus.core.policies import Failures, Policy


def innermost_open(collection: Collection | None) -> Collection | None:
    """Return *collection*, or the first around it that still collects."""
    while collection is not None and not collection.open:
        collection = collection.outer
    return collection


class Collection:
    """What one scope has collected: handlers, each with the event it is to be called with.

    Iterate to see them, as "shop.mail.send_welcome on shop.events.UserCreated". A handler that
    publishes while it is being released adds to the end and is served in the same release.
    """

    awaits: bool
    """Whether releasing it can await handlers."""

    def __init__(self, outer: Collection | None, policy: Policy | None) -> None:
        self.outer: Final = outer
        self._policy = policy
        self._jobs = deque[Job]()
        self._running: Job | None = None
        self._open = True
        self._lock = Lock()

    @property
    def open(self) -> bool:
        """Whether it still collects; when it was released or dropped, handlers run at once."""
        return self._open

    @property
    def running(self) -> Job | None:
        """The job that is being run; None before the release and after its end."""
        return self._running

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[str]:
        return iter([str(job) for job in tuple(self._jobs)])

    @property
    def events(self) -> tuple[object, ...]:
        """The events that wait, one for each handler, in the order of their release."""
        return tuple(job.event for job in tuple(self._jobs))

    def drop(self) -> None:
        """Forget what was collected, and collect nothing more."""
        with self._lock:
            self._open = False
            self._jobs.clear()

    def put(self, job: Job) -> bool:
        """Take *job* in; return False if this was closed meanwhile."""
        with self._lock:
            if self._open:
                self._jobs.append(job)
            return self._open

    def _first(self) -> Job | None:
        """Take the oldest job out; closes, for good, when there is none."""
        with self._lock:
            self._open = bool(self._jobs)
            self._running = self._jobs.popleft() if self._open else None
            return self._running

    def join_outer(self) -> bool:
        """Hand everything to the scope around this one, if there is one that can release it."""
        outer = innermost_open(self.outer)
        if outer is None or (self.awaits and not outer.awaits):
            return False
        while (job := self._first()) is not None:
            if not outer.put(job):
                self._open = True
                self._jobs.appendleft(job)
                return False
        return True

    def _settle(self, failures: Failures, *, stopped: bool) -> None:
        """Raise what was collected, with what is left where a policy said to stop."""
        try:
            failures.settle(stopped=stopped)
        except Exception as error:
            self._close_with_what_is_left(error)
            raise

    def _close_with_what_is_left(self, stop: BaseException) -> None:
        self._open = False
        if self._jobs:
            stop.add_note(f"not released: {', '.join(self)}")

    def _give_up(self, stop: BaseException, failures: Failures) -> None:
        """Note on *stop*, which ends the release, what failed before and what is left."""
        failures.mention_in(stop)
        self._close_with_what_is_left(stop)


class Pending(Collection):
    """What a `with` has collected and not yet released."""

    awaits = False

    def release(self) -> None:
        """Run what was collected, in order, whatever fails; then collect nothing more.

        Raises what the error policies make of failures: by default one `HandlersFailedError`.
        """
        failures = Failures(self._policy)
        stopped = False
        try:
            while not stopped and (job := self._first()) is not None:
                error = attempt_in(job.context, job.call, job.event)
                if error is not None:
                    stopped = failures.judge(job.failed(error))
        except BaseException as stop:
            self._give_up(stop, failures)
            raise
        self._settle(failures, stopped=stopped)


class AsyncPending(Collection):
    """What an `async with` has collected and not yet released."""

    awaits = True

    def __init__(
        self, outer: Collection | None, policy: Policy | None, run_sync: RunSync | None
    ) -> None:
        super().__init__(outer, policy)
        self._run_sync = run_sync

    async def release(self) -> None:
        """Run what was collected, in order, whatever fails; then collect nothing more.

        Raises what the error policies make of failures: by default one `HandlersFailedError`.
        """
        failures = Failures(self._policy)
        stopped = False
        try:
            while not stopped and (job := self._first()) is not None:
                error = await attempt_async_in(job.context, job.call, job.event, self._run_sync)
                if error is not None:
                    stopped = failures.judge(job.failed(error))
        except BaseException as stop:
            self._give_up(stop, failures)
            raise
        self._settle(failures, stopped=stopped)
