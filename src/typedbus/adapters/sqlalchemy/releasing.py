"""Running what waited for a transaction, and refusing what would be lost there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy.orm import SessionTransactionOrigin

from typedbus.core.errors import TransactionOverError
from typedbus.core.jobs import Job
from typedbus.core.pending import AsyncPending, Pending
from typedbus.core.policies import policy_for

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, SessionTransaction

_LOG: Final = policy_for("log")
_KEY: Final = "typedbus.release"


class _Release:
    """One release: what runs, and whether a handler had to be refused something."""

    __slots__ = ("pending", "refused")

    def __init__(self, pending: Pending | AsyncPending) -> None:
        self.pending = pending
        self.refused = False


def release(session: Session, jobs: Sequence[Job], *, awaits: bool) -> None:
    """Run *jobs*, whose transaction of *session* is over; return when the last one is done."""
    pending = AsyncPending(None, _LOG, None) if awaits else Pending(None, _LOG)
    for job in jobs:
        pending.put(job)
    outer, current = session.info.get(_KEY), _Release(pending)
    session.info[_KEY] = current
    try:
        _run(pending)
    finally:
        session.info[_KEY] = outer
        if outer is None:
            del session.info[_KEY]
        if current.refused:
            # An assignment that was refused halfway leaves a value that nobody will write.
            session.expire_all()


def _run(pending: Pending | AsyncPending) -> None:
    if isinstance(pending, Pending):
        pending.release()
        return
    # It needs greenlet, which is there where an AsyncSession is.
    from sqlalchemy.util import await_only

    await_only(pending.release())


def is_releasing(session: Session) -> bool:
    """Say whether handlers run here that waited for a transaction of *session*."""
    return _KEY in session.info


def refuse_what_nobody_commits(session: Session, transaction: SessionTransaction) -> None:
    """Raise if *transaction* was begun by the way, in a handler that waited for another one.

    It would stay open, and what is written in it would be lost. An explicit `session.begin()`
    is fine: who writes that commits it.
    """
    release: _Release | None = session.info.get(_KEY)
    if release is None or transaction.origin is not SessionTransactionOrigin.AUTOBEGIN:
        return
    transaction.close()
    release.refused = True
    job = release.pending.running
    raise TransactionOverError(
        f"use this session in {job or 'a handler'}",
        "its transaction is over, and nobody would commit another one",
        "open a session for the handler by `with transaction(Session) as session:`, or begin "
        "explicitly: `with session.begin():`",
    )
