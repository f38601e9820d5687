"""What was published for a session before its transaction began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from weakref import finalize

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
        kept: _Kept | None = self._session.info.get(_KEY)
        if kept is None or kept.is_stale(self._session):
            take_early(self._session)
            self._session.info[_KEY] = kept = _Kept(self._session)
        kept.add((when, job))
        return True


def take_early(session: Session) -> Sequence[Held]:
    """Return what waits for the transaction of *session* that begins now.

    What was published before the session was closed is dropped, and the drop is logged.
    """
    kept: _Kept | None = session.info.pop(_KEY, None)
    return () if kept is None else kept.taken(session)


class _Kept:
    """Jobs of one session, and how to tell that it was closed meanwhile."""

    def __init__(self, session: Session) -> None:
        self._held: list[Held] = []
        # SQLAlchemy tells nobody that a session without a transaction is closed; but a closed
        # one has forgotten its objects, and remembers new ones in a new map.
        self._identity_map = session.identity_map
        # Names alone: a job has the publisher's context, which may well hold the session.
        self._names: list[str] = []
        self._thrown_away = finalize(session, _warn, self._names, "thrown away")

    def add(self, held: Held) -> None:
        """Keep *held*."""
        self._held.append(held)
        when, job = held
        if when is When.COMMITTED:
            self._names.append(str(job))

    def is_stale(self, session: Session) -> bool:
        """Say whether *session* was closed since."""
        return self._identity_map is not session.identity_map

    def taken(self, session: Session) -> Sequence[Held]:
        """Return what is kept, unless it is too late for that."""
        self._thrown_away.detach()
        if not self.is_stale(session):
            return self._held
        _warn(self._names, "closed")
        return ()


def _warn(names: Sequence[str], fate: str) -> None:
    from logging import getLogger

    if names:
        getLogger("typedbus").warning(
            "Dropped %s: published within a session that was %s before its transaction began",
            ", ".join(names),
            fate,
        )
