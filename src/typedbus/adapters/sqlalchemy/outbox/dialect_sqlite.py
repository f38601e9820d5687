"""SQLite: one writer at a time, who says so from the start."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Dialect, StaticPool
from sqlalchemy.dialects.sqlite import insert

from typedbus.adapters.sqlalchemy.outbox.dialect import (
    OutboxDialect,
    literal,
    outside,
    replacing,
    stored_of,
)
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import StoreAwayError
from typedbus.outbox.processes import started_at
from typedbus.outbox.records import Line, Record, Stored

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.dml import Insert

_LOWEST = (
    "SELECT e.id, {{stored}} FROM"
    " (SELECT p.id FROM {{pending}} p{but} ORDER BY p.id LIMIT {limit}) f"
    " JOIN {{event}} e ON e.id = f.id ORDER BY f.id"
)
_THESE = "(SELECT value FROM json_each(:ids))"


class SQLiteDialect(OutboxDialect):
    """How SQLite is spoken to."""

    reading: ClassVar[Mapping[str, Any]] = {}
    writing: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, tables: Tables, spoken: Dialect) -> None:
        super().__init__(tables, spoken)
        event = spoken.identifier_preparer.format_table(tables.event)
        pending = spoken.identifier_preparer.format_table(tables.pending)
        self._insert = (
            f'INSERT INTO {event} (event_id, type, version, "key", owed_to, body, headers,'
            f" recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?,"
            f" strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"
        )
        self._pend = f"INSERT INTO {pending} (id) SELECT id FROM {event} WHERE id > ? AND id <= ?"
        self._fresh = self.spoken(_LOWEST.format(but="", limit=":limit"))
        self._events = self.spoken("SELECT e.id, {stored} FROM {event} e WHERE e.id IN " + _THESE)
        self._take = self.spoken("DELETE FROM {pending} WHERE id IN " + _THESE)
        self._firsts = self.spoken(
            "SELECT l.handler, l.line, d.id, d.state FROM"
            " (SELECT json_extract(value, '$[0]') AS handler,"
            " json_extract(value, '$[1]') AS line FROM json_each(:lines)) l"
            " JOIN {delivery} d ON d.handler = l.handler AND d.id = (SELECT min(f.id)"
            " FROM {delivery} f WHERE f.handler = l.handler AND f.line = l.line)"
        )

    def check_shared(self, engine: Engine) -> None:
        """Leave the one connection to a database in memory to whoever is in a transaction."""
        pool = engine.pool
        if isinstance(pool, StaticPool):
            # Not by connecting: who gives it back rolls back for everybody.
            adapted = pool.connection.dbapi_connection
            if adapted and engine.dialect.get_driver_connection(adapted).in_transaction:
                raise StoreAwayError(
                    "use the outbox",
                    "the one connection to its database is in the middle of a transaction",
                    "wait for its end, or keep the database in a file",
                )

    def begin(self, connection: Connection) -> None:
        """Wait for the turn to write now, not in the middle, where SQLite would not wait.

        Whatever begins transactions here, the driver or a listener of the user's, has begun
        one that has done nothing yet.
        """
        if _driver(connection).in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def insert(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write events in their order, and that they are pending."""
        connection.exec_driver_sql(self._insert, list(records))
        # Nobody else has drawn a number meanwhile: who writes, writes alone.
        last: int = connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one()
        connection.exec_driver_sql(self._pend, (last - len(records), last))

    def fresh(self, connection: Connection, limit: int, known: Collection[int]) -> list[Stored]:
        """Return the pending events with the lowest numbers, those in *known* left out."""
        if known:
            but = f" WHERE {outside('p.id', known)}"
            result = self.once(connection, _LOWEST.format(but=but, limit=f"{limit:d}"))
        else:
            result = connection.execute(self._fresh, {"limit": limit})
        return stored_of(result)

    def events(self, connection: Connection, ids: Collection[int]) -> list[Stored]:
        """Return the events of these numbers."""
        result = connection.execute(self._events, {"ids": f"[{literal(ids)}]"})
        return stored_of(result)

    def take_pending(self, connection: Connection, ids: Collection[int]) -> None:
        """Owe events as fresh no more."""
        connection.execute(self._take, {"ids": f"[{literal(ids)}]"})

    def upsert(self, table: Table, keep: Iterable[str] = ()) -> Insert:
        """Return an insert that replaces a row of the same key."""
        return replacing(insert(table), table, keep)

    def firsts(self, connection: Connection, lines: Sequence[Line]) -> Iterable[Any]:  # Any: a Row
        """Return the first delivery of each line."""
        return connection.execute(self._firsts, {"lines": json.dumps(lines)})

    def hold_session(self, connection: Connection, pid: int) -> str | None:
        """Return what tells the process *pid* from every other one of this host."""
        del connection
        return _process(pid)

    def is_gone(self, connection: Connection, session_lock: str, *, here: bool) -> bool:
        """Say whether that process has ended; nobody can tell from another host."""
        del connection
        namespace, number, _ = session_lock.rsplit(":", 2)
        if not here or namespace != _namespace():
            return False
        pid = int(number)
        found = _process(pid)
        return not _is_there(pid) if found is None else found != session_lock

    def is_transient(self, error: BaseException) -> bool:
        """Say no: SQLite has waited already for as long as it was told to."""
        del error
        return False

    def is_taken(self, error: BaseException) -> bool:
        """Say no: who begins has the whole database."""
        del error
        return False

    def is_missing(self, error: BaseException) -> bool:
        """Say whether there is no such table or column."""
        message = str(error)
        return (
            message.startswith(("no such table", "no such column")) or " has no column " in message
        )


def _driver(connection: Connection) -> Any:  # Any: of sqlite3, or of aiosqlite
    # Not `driver_connection`, which a connection without a pool has no more.
    adapted = connection.connection.dbapi_connection
    assert adapted is not None
    return connection.dialect.get_driver_connection(adapted)


def _namespace() -> str | None:
    """Return what numbers of processes are numbers in, where there is such a thing."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def _process(pid: int) -> str | None:
    """Return the process, and when it started; None if it is not there, or nobody can tell."""
    started = started_at(pid)
    return f"{_namespace()}:{pid}:{started}" if started else None
