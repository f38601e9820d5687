"""What was published in one transaction and its savepoints, until it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias
from weakref import ref

from typedbus.adapters.sqlalchemy.flows import Flow, flow_here
from typedbus.core.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, SessionTransaction


class When(Enum):
    """On which end of its transaction or savepoint a job runs."""

    COMMITTED = "committed"
    ROLLED_BACK = "rolled back"
    DECIDED = "decided"
    """On either: its savepoint was rolled back already, and that was what it waited for."""


Held: TypeAlias = tuple[When, Job]
"""A job that waits for an end."""


class _Level:
    """One savepoint, or the outermost transaction."""

    __slots__ = ("committed", "held", "transaction")

    def __init__(self, transaction: SessionTransaction) -> None:
        # Weak, so that a session can be thrown away whose publications a context has inherited.
        self.transaction = ref(transaction)
        self.held: list[Held] = []
        self.committed = False

    def left(self) -> Iterable[Held]:
        """Return what still waits, now that this savepoint is over."""
        if self.committed:
            return self.held
        return ((When.DECIDED, job) for when, job in self.held if when is not When.COMMITTED)


class Publications(_Level):
    """What was published in one transaction, savepoint by savepoint (a `Holder`).

    It does not keep the session alive: one that was thrown away has no transaction any more.
    `put` and `end` may meet from different threads.
    """

    __slots__ = ("_awaits", "_lock", "_over", "_savepoints", "flow")

    def __init__(self, transaction: SessionTransaction) -> None:
        super().__init__(transaction)
        self.flow: Flow = flow_here()
        """The thread and task that the session is used in."""
        self._awaits: bool | None = None
        self._lock = Lock()
        self._over = False
        self._savepoints: tuple[_Level, ...] = ()

    @property
    def session(self) -> Session | None:
        """The session whose transaction it is, while that is open."""
        transaction = None if self._over else self.transaction()
        return None if transaction is None else transaction.session

    @property
    def awaits(self) -> bool:
        """Whether the end can await async handlers: whether an `AsyncSession` drives it."""
        if self._awaits is None:
            transaction = self.transaction()
            self._awaits = transaction is not None and is_driven_async(transaction.session)
        return self._awaits

    def holder(self) -> Publications | None:
        """Return this, while the transaction is open."""
        return None if self._over or self.transaction() is None else self

    def put(self, job: Job, /) -> bool:
        """Hold *job* until the commit; return False if the transaction has ended already."""
        return self.hold(When.COMMITTED, job)

    def hold(self, when: When, job: Job) -> bool:
        """Hold *job* in the innermost savepoint; return False if the transaction has ended."""
        with self._lock:
            if not self._over:
                self._innermost.held.append((when, job))
            return not self._over

    def begin_savepoint(self, transaction: SessionTransaction) -> None:
        """Hold for *transaction*, a savepoint, from now on; telling it twice is fine."""
        with self._lock:
            if self._innermost.transaction() is not transaction:
                self._savepoints = (*self._savepoints, _Level(transaction))

    def commit(self) -> None:
        """Note that the innermost one was committed; it ends next."""
        self._innermost.committed = True

    def end_savepoint(self, transaction: SessionTransaction) -> None:
        """Let what *transaction* held wait for the one around it, or be dropped."""
        with self._lock:
            if self._savepoints and self._innermost.transaction() is transaction:
                ended = self._innermost
                self._savepoints = self._savepoints[:-1]
                self._innermost.held.extend(ended.left())

    def end(self) -> Sequence[Job]:
        """Hold nothing more; return what is to run now, in the order of publishing."""
        with self._lock:
            self._over = True
        if not self.held:
            return ()
        end = When.COMMITTED if self.committed else When.ROLLED_BACK
        return [job for when, job in self.held if when is end or when is When.DECIDED]

    @property
    def _innermost(self) -> _Level:
        return self._savepoints[-1] if self._savepoints else self


def is_driven_async(session: Session) -> bool:
    """Say whether an `AsyncSession` drives *session*."""
    # It needs greenlet, which who has no AsyncSession need not have.
    asynchronous = sys.modules.get("sqlalchemy.ext.asyncio")
    return asynchronous is not None and asynchronous.async_session(session) is not None
