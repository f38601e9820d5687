"""A job: one handler and its event, to be run later; and what is owed when nothing more runs."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import Context, ContextVar, copy_context
from typing import Literal, NamedTuple, Self, TypeAlias

from typedbus.core.callables import AnyHandler
from typedbus.core.delivered import Delivered
from typedbus.core.errors import HandlersFailedError, UnfinishedError
from typedbus.core.events import name_of_class
from typedbus.core.policies import Failure, Failures

WhenFull: TypeAlias = Literal["wait", "raise"]

_owner: ContextVar[object] = ContextVar("typedbus.background", default=None)


class Job(NamedTuple):
    """One handler to be run later, with its event, in the context of the publisher."""

    delivered: Delivered
    event: object
    context: Context
    call: AnyHandler
    """What is called with the event: the handler, or what hands the event to another process."""

    @classmethod
    def made_here(
        cls, delivered: Delivered, event: object, call: AnyHandler | None = None, /
    ) -> Self:
        """Return a job that sees the context of this moment."""
        return cls(delivered, event, copy_context(), call or delivered.handler)

    def owned_by(self, owner: object) -> Self:
        """Return this job, its code from now on *owner*'s."""
        self.context.run(_owner.set, owner)
        return self

    @property
    def event_name(self) -> str:
        """The name of the event's class."""
        return name_of_class(type(self.event))

    def failed(self, error: Exception) -> Failure:
        """Return the failure that *error* is."""
        return Failure(self.event, error, self.delivered)

    def __str__(self) -> str:
        return f"{self.delivered.name} on {self.event_name}"


def runs_for(owner: object) -> bool:
    """Say whether the code here runs in a job of *owner*."""
    return _owner.get() is owner


def check_options(workers: int, queue: int, when_full: WhenFull) -> None:
    """Raise `ValueError` for a pool that could never run anything, or is told nonsense."""
    if workers < 1 or queue < 1:
        raise ValueError(f"workers={workers}, queue={queue}: each must be 1 at least.")
    if when_full not in ("wait", "raise"):
        raise ValueError(f"when_full={when_full!r}: it must be 'wait' or 'raise'.")


def settle(
    delivery: str,
    left: Sequence[Job],
    failures: Failures,
    stops: Sequence[BaseException],
    error: BaseException | None,
) -> None:
    """Raise what a block of *delivery* that is being left still owes; nothing hides the rest.

    An *error* that leaves the block already gets notes instead.
    """
    unfinished = UnfinishedError(delivery, tuple(map(str, left))) if left else None
    stop = error or (stops[0] if stops else None)
    if stop is None:
        try:
            failures.settle()
        except HandlersFailedError as group:
            stop = group
    else:
        failures.mention_in(stop)
    if stop is not None and unfinished is not None:
        stop.add_note(str(unfinished))
    if stop is None:
        stop = unfinished
    if stop is not None and stop is not error:
        raise stop
