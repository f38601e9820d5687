"""What was published in one transaction and its savepoints, until it ends."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable, Sequence
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias
from weakref import ref

from typedbus.adapters.sqlalchemy.owings import Ledger, Owing, Owings, write
from typedbus.core.errors import ManualCommitError
from typedbus.core.flows import Flow, flow_here
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


class _Level(Owings):
    """One savepoint, or the outermost transaction."""

    __slots__ = ("asked", "committed", "held", "transaction")

    def __init__(self, transaction: SessionTransaction) -> None:
        super().__init__()
        # Weak, so that a session can be thrown away whose publications a context has inherited.
        self.transaction = ref(transaction)
        self.held: list[Held] = []
        self.committed = False
        self.asked = 0
        """How often a commit began while this was the innermost savepoint."""

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

    __slots__ = ("_awaits", "_ledgers", "_lock", "_over", "_savepoints", "flow", "left_to")

    def __init__(self, transaction: SessionTransaction) -> None:
        super().__init__(transaction)
        self.flow: Flow = flow_here()
        """The thread and task that the session is used in."""
        self._awaits: bool | None = None
        self.left_to: str | None = None
        """Who commits the transaction, if nobody else is to."""
        self._ledgers: dict[Ledger, bool] = {}
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

    def find(self, key: Hashable) -> Owing | None:
        """Return what is owed under *key*, as it may grow in the innermost savepoint."""
        innermost = self._innermost
        found = innermost.owed.get(key)
        if found is None and innermost is not self:
            around = (level.owed.get(key) for level in (*self._savepoints[-2::-1], self))
            outer = next((each for each in around if each is not None), None)
            return None if outer is None else outer.copy()
        return found

    def owe(self, key: Hashable, owing: Owing) -> bool:
        """Write *owing* down before the commit; return False if the transaction has ended."""
        with self._lock:
            if self._over:
                return False
            self._innermost.note(key, owing)
        self._hurry()
        return True

    def refuse_commit(self, reason: Exception) -> None:
        """Let the commit raise *reason*, unless it is rolled back with a savepoint."""
        with self._lock:
            innermost = self._innermost
            innermost.doom = innermost.doom or reason

    def is_for(self, ledger: Ledger) -> bool:
        """Say whether *ledger* writes in the database of this transaction."""
        known = self._ledgers.get(ledger)
        if known is None:
            session = self.session
            known = self._ledgers[ledger] = session is not None and ledger.holds(session)
        return known

    def about_to_commit(self) -> None:
        """Write down what is owed, if this is the commit of the outermost transaction.

        SQLAlchemy does not say what is about to be committed. While a savepoint is open, it is
        that, or something around it, which commits the savepoint first, and so asks again.
        """
        innermost = self._innermost
        if innermost is not self:
            innermost.asked += 1
            return
        if self.left_to is not None:
            raise ManualCommitError(
                "commit this transaction",
                f"that is left to {self.left_to}",
                "leave the commit out, or work in a session of your own: `with Sessions.begin() "
                "as session:`",
            )
        if self.doom is not None:
            raise self.doom
        session = self.session
        if self.waiting and session is not None:
            session.flush()  # what is published by that is written down with the rest
        with self._lock:
            self.hurried = True
        self._hurry()

    def _hurry(self) -> None:
        """Write down what waits, if nobody will ask for it any more."""
        innermost, session = self._innermost, self.session
        if innermost.hurried and innermost.waiting and session is not None:
            write(session, innermost)

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
                around = self._innermost
                around.held.extend(ended.left())
                if ended.committed:
                    around.take_over(ended)
                if ended.committed and ended.asked > 1:
                    # What is around it is being committed, and was told so while this was open.
                    around.asked = ended.asked
                    self.hurried = self.hurried or around is self
        self._hurry()

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
