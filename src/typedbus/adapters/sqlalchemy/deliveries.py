"""The deliveries, and how they find the transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from typedbus.adapters.sqlalchemy.ambient import Holding, current
from typedbus.adapters.sqlalchemy.publications import When
from typedbus.core.deferred import Deferred, Holder
from typedbus.core.jobs import Job
from typedbus.core.transactions import AfterCommit, transactions

E = TypeVar("E")


class _Commits:
    """Knows the transactions of SQLAlchemy that are open here."""

    name = "after commit"
    in_short = "transaction"
    opened_async = "publish in a transaction of an AsyncSession"
    current_async = None

    def current(self) -> Holder | None:
        """Return the transaction begun last of those that are open here."""
        return current()


class _Rollbacks(_Commits):
    """Knows them too, and holds jobs for the case that they are rolled back."""

    name = "after rollback"

    def current(self) -> Holder | None:
        """Return what runs a job when the transaction here is rolled back; never without one."""
        holding = current()
        return _NEVER if holding is None else _UntilRollback(holding)


class _UntilRollback:
    """Holds jobs that run when a transaction is rolled back."""

    __slots__ = ("_holding",)

    def __init__(self, holding: Holding) -> None:
        self._holding = holding

    @property
    def awaits(self) -> bool:
        """Whether the end can await async handlers."""
        return self._holding.awaits

    def put(self, job: Job, /) -> bool:
        """Hold *job*; return False if the transaction has ended already."""
        return self._holding.hold(When.ROLLED_BACK, job)


class _Never:
    """Takes jobs where there is nothing to roll back."""

    awaits = True

    def put(self, job: Job, /) -> bool:
        """Forget *job*."""
        del job
        return True


_NEVER: Final = _Never()
_commits: Final = _Commits()


class AfterRollback:
    """A delivery whose handlers run if what they were published in is rolled back.

    In order, isolated from each other, when the outermost transaction is over, whether it was
    that or a savepoint which was rolled back. Without a transaction they never run.
    """

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that waits for the rollback."""
        return Deferred(_Rollbacks(), handler)

    def __repr__(self) -> str:
        return f"<delivery {_Rollbacks.name}>"


after_commit: Final = AfterCommit(_commits)
"""The delivery whose handlers run after the commit: `@bus.on(OrderPlaced, via=after_commit)`.

In order, isolated from each other (one that fails is logged), when the outermost transaction is
done and its connection is free again; what was published in a savepoint that is rolled back is
dropped. Without a transaction that somebody introduced they run at once. Async handlers need the
transaction of an `AsyncSession`: they are awaited before its commit returns, and sync handlers
run between them on the event loop, as on an `AsyncBus`; `in_thread` takes one off it.
"""

after_rollback: Final = AfterRollback()
"""The delivery whose handlers run when the transaction was rolled back: by an error, or closed.

When a savepoint was rolled back, they run at the end of the outermost transaction. They are
isolated from each other, and one that fails is logged. Without a transaction they never run.
"""


def make_known() -> None:
    """Let what is handed to other processes wait for SQLAlchemy's transactions from now on."""
    transactions.know(_commits)
