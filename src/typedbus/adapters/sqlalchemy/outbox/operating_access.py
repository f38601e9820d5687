"""How operators reach the tables: a connection for each act, and transactions on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.lines import advance
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.transactions import MAKE_THEM
from typedbus.core.errors import OutboxError, OutboxTablesError, StoreAwayError
from typedbus.outbox.records import Line

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")

_TRIES: Final = 5


class Access:
    """The tables of the outbox called *name*, and the engine to reach them by."""

    def __init__(self, engine: Engine | AsyncEngine, tables: Tables, name: str) -> None:
        self._engine = engine
        self._name = name
        self._tables = tables

    @property
    def engine(self) -> Engine:
        """The engine, or the sync one inside of an AsyncEngine."""
        return self._engine if isinstance(self._engine, Engine) else self._engine.sync_engine

    def run(self, act: str, operation: Callable[[Desk], T]) -> T:
        """Return what *operation* makes of a desk; *act* is what an error calls it.

        Raises `StoreAwayError` and `OutboxTablesError` for what the database says of itself.
        """
        dialect = dialect_of(self._tables, self.engine.dialect)
        try:
            return self._run(lambda connection: operation(Desk(connection, dialect)))
        except DBAPIError as error:
            raise self._explained(f"{act} {self._name!r}", error, dialect) from error
        except OSError as error:  # asyncpg says it so
            raise _away(f"{act} {self._name!r}", error) from error

    def _run(self, operation: Callable[[Connection], T]) -> T:
        if isinstance(self._engine, Engine):
            with self._engine.connect() as connection:
                return operation(connection)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(_run_async(self._engine, operation))
        raise OutboxError(
            f"operate {self._name!r} here",
            "its engine is an AsyncEngine, and an event loop runs in this thread",
            "use `typedbus outbox`, or a program without a loop",
        )

    def _explained(self, act: str, error: DBAPIError, dialect: OutboxDialect) -> Exception:
        """Return what *error* comes from: a database that is away, or has no tables."""
        said = error if error.orig is None else error.orig
        if dialect.is_missing(said):
            problem = f"its tables are missing, or of another version ({_in_a_line(said)})"
            return OutboxTablesError(act, problem, MAKE_THEM)
        if error.connection_invalidated or error.statement is None:
            return _away(act, said)
        return error


async def _run_async(engine: AsyncEngine, operation: Callable[[Connection], T]) -> T:
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(operation)
    finally:
        # Its connections belong to this loop, which is about to end.
        await engine.dispose()


def _away(act: str, error: BaseException) -> StoreAwayError:
    return StoreAwayError(
        act,
        f"its database does not answer ({_in_a_line(error)})",
        "see that it runs and that the URL of the engine is right, then try again",
    )


def _in_a_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class Desk:
    """Where one operator does one act: on one connection."""

    def __init__(self, connection: Connection, dialect: OutboxDialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self.tables: Final = dialect.tables

    def as_the_engine_gives_it(self) -> Connection:
        """Return the connection, of which nothing was changed yet, outside of a transaction."""
        return self._connection

    @contextmanager
    def look(self) -> Iterator[Turn]:
        """Give a transaction that only reads, each statement what is committed by then."""
        connection = self._ready()
        with connection.begin():
            yield Turn(connection, self.tables)

    def write(self, operation: Callable[[Turn], T]) -> T:
        """Commit what *operation* writes; it is repeated if it got in the way of another one."""
        for _ in range(_TRIES - 1):
            try:
                return self._write(operation)
            except DBAPIError as error:
                if error.orig is None or not self._dialect.is_transient(error.orig):
                    raise
        return self._write(operation)

    def _write(self, operation: Callable[[Turn], T]) -> T:
        connection = self._ready()
        with connection.begin():
            self._dialect.begin(connection)
            return operation(Turn(connection, self.tables))

    def _ready(self) -> Connection:
        if self._dialect.writing:
            self._connection.execution_options(**self._dialect.writing)
        return self._connection


class Turn:
    """One transaction of an operator."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self.connection: Final = connection
        self.tables: Final = tables
        self.now: Final = moment(connection.scalar(select(database_now())))
        """The time by the clock of the database."""

    def stored(self, time: datetime) -> datetime:
        """Return *time* as the tables keep it."""
        return as_column(self.connection, time)

    def advance(self, lines: set[Line]) -> None:
        """Let the first of each of *lines* be due, and no other."""
        if lines:
            advance(self.connection, self.tables, lines)


def moment(value: object) -> datetime:
    """Return a time of the database with its zone."""
    # SQLite gives a text for what is no column.
    return in_utc(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
