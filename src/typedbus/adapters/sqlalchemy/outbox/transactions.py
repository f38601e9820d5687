"""Transactions of a store: repeated where that helps, and what is said where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from typedbus.adapters.sqlalchemy.outbox.connections import Connections
from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.core.errors import OutboxTablesError, StoreAwayError

T = TypeVar("T")

_TRIES: Final = 5
MAKE_THEM: Final = (
    "make them with metadata.create_all(engine), by a migration, or with what "
    "`typedbus outbox ddl <module>:<outbox>` prints"
)


class Transactions:
    """Runs what a store does, each call in a transaction.

    An operation may run several times: what it writes must be the same each time.
    """

    def __init__(self, connections: Connections, dialect: OutboxDialect) -> None:
        self.connections: Final = connections
        self._dialect: Final = dialect

    def read(self, act: str, operation: Callable[[Connection], T]) -> T:
        """Return what *operation* reads."""

        def transaction() -> T:
            with self.connections.reading() as connection:
                return operation(connection)

        return self.repeated(act, transaction)

    def write(self, act: str, operation: Callable[[Connection], T]) -> T:
        """Commit what *operation* writes."""

        def transaction() -> T:
            with self.connections.writing() as connection:
                return operation(connection)

        return self.repeated(act, transaction)

    def repeated(self, act: str, transaction: Callable[[], T]) -> T:
        """Run *transaction*, again if it met another one, or found a connection that was dead."""
        for _ in range(_TRIES - 1):
            try:
                return transaction()
            except DBAPIError as error:
                if error.connection_invalidated:
                    self.connections.close()  # the others are as old
                elif error.orig is None or not self._dialect.is_transient(error.orig):
                    self._explain(act, error)
            except (PoolTimeoutError, OSError) as error:
                self._explain(act, error)
        try:
            return transaction()
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            self._explain(act, error)

    def _explain(self, act: str, error: Exception) -> NoReturn:
        if isinstance(error, OutboxTablesError | StoreAwayError):
            raise error
        said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        problem = " ".join(str(said).split()) or type(said).__name__
        if self._dialect.is_missing(said):
            raise OutboxTablesError(
                act, f"its tables are missing, or of another version ({problem})", MAKE_THEM
            ) from error
        if isinstance(error, ProgrammingError | DataError | IntegrityError | NotSupportedError):
            raise error
        raise StoreAwayError(
            act, f"its database does not answer ({problem})", "see that it runs, and try again"
        ) from error
