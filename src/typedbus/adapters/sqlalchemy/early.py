"""What was published for a session before its transaction began."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final
from weakref import finalize

from typedbus.adapters.sqlalchemy.owings import Ledger, Owing, Owings
from typedbus.adapters.sqlalchemy.publications import Held, When, is_driven_async
from typedbus.core.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_KEY: Final = "typedbus.early"


class Early:
    """Holds jobs for the next transaction of *session* (`Holder`)."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def awaits(self) -> bool:
        """Whether the end of the transaction can await async handlers."""
        return is_driven_async(self._session)

    def put(self, job: Job, /) -> bool:
        """Hold *job* until the commit; return False if the transaction has begun."""
        return self.hold(When.COMMITTED, job)

    def hold(self, when: When, job: Job) -> bool:
        """Hold *job* until the end that *when* names; return False if the transaction has begun."""
        if self._session.in_transaction():
            return False
        self._kept().add((when, job))
        return True

    def find(self, key: Hashable, /) -> Owing | None:
        """Return what is owed under *key*."""
        return self._kept().owings.owed.get(key)

    def owe(self, key: Hashable, owing: Owing, /) -> bool:
        """Owe *owing* in the next transaction; return False if that has begun."""
        if self._session.in_transaction():
            return False
        self._kept().owe(key, owing)
        return True

    def refuse_commit(self, reason: Exception, /) -> None:
        """Let the commit of the next transaction raise *reason*."""
        owings = self._kept().owings
        owings.doom = owings.doom or reason

    def is_for(self, ledger: Ledger, /) -> bool:
        """Say whether *ledger* writes in the database of the session."""
        return ledger.holds(self._session)

    def _kept(self) -> Kept:
        kept: Kept | None = self._session.info.get(_KEY)
        if kept is None or kept.is_stale(self._session):
            take_early(self._session)
            self._session.info[_KEY] = kept = Kept(self._session)
        return kept


def take_early(session: Session) -> Kept | None:
    """Return what waits for the transaction of *session* that begins now.

    What was published before the session was closed is dropped, and the drop is logged.
    """
    kept: Kept | None = session.info.pop(_KEY, None)
    return kept if kept is not None and kept.is_taken(session) else None


class Kept:
    """What waits for one session, and how to tell that it was closed meanwhile."""

    def __init__(self, session: Session) -> None:
        self.held: list[Held] = []
        self.owings = Owings()
        # SQLAlchemy tells nobody that a session without a transaction is closed; but a closed
        # one has forgotten its objects, and remembers new ones in a new map.
        self._identity_map = session.identity_map
        # Names alone: a job has the publisher's context, which may well hold the session.
        self._names: list[object] = []
        self._thrown_away = finalize(session, _warn, self._names, "thrown away")

    def add(self, held: Held) -> None:
        """Keep *held*."""
        self.held.append(held)
        when, job = held
        if when is When.COMMITTED:
            self._names.append(str(job))

    def owe(self, key: Hashable, owing: Owing) -> None:
        """Keep *owing*."""
        self.owings.note(key, owing)
        self._names.append(owing)

    def is_stale(self, session: Session) -> bool:
        """Say whether *session* was closed since."""
        return self._identity_map is not session.identity_map

    def is_taken(self, session: Session) -> bool:
        """Say whether it is in time for the transaction that begins; log it if it is not."""
        self._thrown_away.detach()
        if self.is_stale(session):
            _warn(self._names, "closed")
            return False
        return True


def _warn(names: Sequence[object], fate: str) -> None:
    from logging import getLogger

    if names:
        getLogger("typedbus").warning(
            "Dropped %s: published within a session that was %s before its transaction began",
            ", ".join(map(str, names)),
            fate,
        )
