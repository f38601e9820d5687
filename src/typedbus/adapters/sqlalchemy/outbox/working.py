"""The work of a durable handler in its transaction, from the first statement to the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from typedbus.adapters.sqlalchemy.hooks import publications_of
from typedbus.adapters.sqlalchemy.outbox.concluding import conclude
from typedbus.adapters.sqlalchemy.outbox.databases import Database
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.idling import bound_idling
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import OutboxError, StoreAwayError
from typedbus.outbox.attempts import Attempt

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Work:
    """What one call of a handler does in its transaction; a part is a block that asked for it."""

    def __init__(self, attempt: Attempt, database: Database, tables: Tables) -> None:
        self._database: Final = database
        self._attempt: Final = attempt
        self._tables: Final = tables
        self._depth = 0
        self._parts = 0
        self._undone: BaseException | None = None
        self.over = False
        """Whether it was ended."""

    def begin(self, session: Session) -> None:
        """Begin the transaction of *session*."""
        session.begin()
        publications = publications_of(session)
        if publications is not None:
            publications.left_to = "the relay that called the handler"
        connection = self._database.connection_of(session)
        dialect_of(self._tables, connection.dialect).begin(connection)
        bound_idling(connection, self._attempt.timeout)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Do a part of the work, or of a part."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def end_part(self, session: Session) -> None:
        """Let what was wrong in a part show at its end, as it would at a commit."""
        if self._depth == 1:
            session.flush()
            self._parts += 1

    def undoes(self, error: BaseException) -> bool:
        """Say whether *error*, which leaves a part, undoes the transaction."""
        if self._depth:
            return False
        if self._parts:
            self._undone = error
        return True

    def commit(self, session: Session | None) -> bool:
        """Commit, see `Unit`; without a session there is nothing to commit."""
        self.over = True
        if self._undone is not None:
            raise OutboxError(
                f"commit what {self._attempt.handler!r} did",
                f"{self._undone!r} has undone what was written before it as well",
                "let the error leave the handler, or put what may fail into "
                "`with session.begin_nested():`",
            ) from self._undone
        if session is None:
            return True
        try:
            return self._committed(session)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise StoreAwayError(
                f"commit what {self._attempt.handler!r} did",
                f"the connection to its database broke ({error.orig})",
                "see that it runs; the event is handled again unless it was committed",
            ) from error

    def _committed(self, session: Session) -> bool:
        session.flush()
        connection = self._database.connection_of(session)
        if not conclude(connection, self._tables, self._attempt):
            session.rollback()
            return False
        publications = publications_of(session)
        if publications is not None:
            publications.left_to = None
        session.commit()
        return True
