"""What SQLAlchemy tells of sessions and their transactions, and what follows from it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction, SessionTransactionOrigin

from typedbus.adapters.sqlalchemy.ambient import enter, leave
from typedbus.adapters.sqlalchemy.early import take_early
from typedbus.adapters.sqlalchemy.owings import tell_of_the_commit
from typedbus.adapters.sqlalchemy.publications import Publications
from typedbus.adapters.sqlalchemy.releasing import refuse_what_nobody_commits, release
from typedbus.core.flows import flow_here

_KEY: Final = "typedbus.publications"
_FLUSH: Final = SessionTransactionOrigin.SUBTRANSACTION


def publications_of(session: Session) -> Publications | None:
    """Return what is published in the transaction of *session*, if one is open."""
    found: Publications | None = session.info.get(_KEY)
    return found


def follow(target: Session | type[Session]) -> None:
    """Hear of the transactions of *target*; events go there by name only."""
    event.listen(target, "after_transaction_create", _created)
    _listen(target)


def follow_ambient(target: Session | type[Session]) -> None:
    """Hear of the transactions of *target*; events go there from wherever it is used."""
    event.listen(target, "after_transaction_create", _created_here)
    event.listen(target, "after_begin", _used_by_statement)
    event.listen(target, "after_attach", _used_by_object)
    _listen(target)


def catch_up(session: Session) -> Publications | None:
    """Know the transaction that *session* has begun already, with its savepoints."""
    root = session.get_transaction()
    if root is None:
        return None
    _created(session, root)
    savepoints = list[SessionTransaction]()
    innermost = session.get_nested_transaction()
    while innermost is not None and innermost.parent is not None:
        if innermost.nested:
            savepoints.append(innermost)
        innermost = innermost.parent
    for savepoint in reversed(savepoints):
        _created(session, savepoint)
    return publications_of(session)


def _listen(target: Session | type[Session]) -> None:
    # First of all: what another listener raises changes nothing about the commit.
    event.listen(target, "after_commit", _committed, insert=True)
    event.listen(target, "before_commit", _about_to_commit)
    event.listen(target, "after_transaction_end", _ended)


def _created(session: Session, transaction: SessionTransaction) -> None:
    if transaction.origin is _FLUSH:
        return
    publications: Publications | None = session.info.get(_KEY)
    if transaction.nested:
        if publications is not None:
            publications.begin_savepoint(transaction)
    elif publications is None or publications.transaction() is not transaction:
        _begun(session, transaction, publications)


def _begun(session: Session, transaction: SessionTransaction, unended: Publications | None) -> None:
    if unended is not None:
        unended.end()  # a listener of somebody else raised, and kept the end from us
    refuse_what_nobody_commits(session, transaction)
    session.info[_KEY] = publications = Publications(transaction)
    early = take_early(session)
    if early is not None:
        publications.held.extend(early.held)
        publications.take_over(early.owings)


def _created_here(session: Session, transaction: SessionTransaction) -> None:
    _created(session, transaction)
    if transaction.origin is not _FLUSH and not transaction.nested:
        enter(session.info[_KEY])


def _used_by_statement(
    session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    del transaction, connection
    _used(session)


def _used_by_object(session: Session, instance: object) -> None:
    del instance
    _used(session)


def _used(session: Session) -> None:
    """Let events go to *session*'s transaction from here, though it was begun elsewhere.

    FastAPI runs a dependency that is not async in another thread than the endpoint.
    """
    publications: Publications | None = session.info.get(_KEY)
    if publications is not None and enter(publications):
        publications.flow = flow_here()


def _about_to_commit(session: Session) -> None:
    publications: Publications | None = session.info.get(_KEY)
    if publications is not None:
        publications.about_to_commit()


def _committed(session: Session) -> None:
    publications: Publications | None = session.info.get(_KEY)
    if publications is not None:
        publications.commit()


def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.origin is _FLUSH:
        return
    publications: Publications | None = session.info.get(_KEY)
    if publications is None:
        return
    if transaction.nested:
        publications.end_savepoint(transaction)
    elif publications.transaction() is transaction:
        del session.info[_KEY]
        due = publications.end()
        leave(publications)
        if publications.committed and publications.owed:
            tell_of_the_commit(publications)
        if due:
            release(session, due, awaits=publications.awaits)
