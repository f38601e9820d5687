"""MariaDB: rows by their primary key, numbers as they are."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.mysql import insert

from typedbus.adapters.sqlalchemy.outbox.dialect import (
    LONGEST_WAIT,
    OutboxDialect,
    literal,
    outside,
    rows_of,
    stored_of,
)
from typedbus.core.errors import OutboxError
from typedbus.outbox.records import Line, Record, Stored

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.dml import Insert

_TAKEN: Final = 1205
_TRANSIENT: Final = frozenset({1020, _TAKEN, 1213})
_MISSING: Final = frozenset({1054, 1146})

_ROWS: Final = 500
_CHARACTERS: Final = 2_000_000
"""What one statement writes at most: a server takes packets of 16 MB, unless told otherwise."""
_LINES: Final = 200
"""How many lines one statement asks about."""


class MariaDBDialect(OutboxDialect):
    """How MariaDB is spoken to.

    Numbers stand in the statements themselves: drivers send one statement for each otherwise.
    """

    def prepare(self, connection: Connection, patience: timedelta) -> None:
        """Let the server end a transaction of a process that was stopped in the middle of it."""
        if not getattr(connection.dialect, "is_mariadb", False):
            raise OutboxError(
                "keep an outbox in MySQL",
                "it takes keys that differ for one, and lets a stopped process block the others",
                "use MariaDB, PostgreSQL or SQLite",
            )
        seconds = max(1, round(patience.total_seconds()))
        waiting = max(1, round(min(patience / 4, LONGEST_WAIT).total_seconds()))
        connection.execute(text(f"SET SESSION idle_transaction_timeout = {seconds}"))
        connection.execute(text(f"SET SESSION innodb_lock_wait_timeout = {waiting}"))

    def insert(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write events in their order, and that they are pending."""
        sign = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        row = f"({', '.join([sign] * 7)}, UTC_TIMESTAMP(6))"
        event, pending = self._as_sent(self.tables.event), self._as_sent(self.tables.pending)
        for chunk in _chunks(records):
            drawn = connection.exec_driver_sql(
                f"INSERT INTO {event} (event_id, type, version, `key`, owed_to, body, headers,"
                f" recorded_at) VALUES {', '.join([row] * len(chunk))} RETURNING id",
                tuple(value for record in chunk for value in record),
            )
            values = ", ".join([f"({number})" for (number,) in rows_of(drawn)])
            connection.exec_driver_sql(f"INSERT INTO {pending} (id) VALUES {values}")

    def fresh(self, connection: Connection, limit: int, known: Collection[int]) -> list[Stored]:
        """Return the pending events with the lowest numbers, those in *known* left out."""
        but = f" WHERE {outside('p.id', known)}" if known else ""
        return self._stored(
            connection,
            f"SELECT e.id, {{stored}} FROM (SELECT p.id FROM {{pending}} p{but} ORDER BY p.id"
            f" LIMIT {limit:d}) f JOIN {{event}} e ON e.id = f.id ORDER BY f.id",
        )

    def events(self, connection: Connection, ids: Collection[int]) -> list[Stored]:
        """Return the events of these numbers."""
        if not ids:
            return []
        return self._stored(
            connection, f"SELECT e.id, {{stored}} FROM {{event}} e WHERE e.id IN ({literal(ids)})"
        )

    def take_pending(self, connection: Connection, ids: Collection[int]) -> None:
        """Owe events as fresh no more."""
        if ids:
            self.once(connection, f"DELETE FROM {{pending}} WHERE id IN ({literal(ids)})")

    def upsert(self, table: Table, keep: Iterable[str] = ()) -> Insert:
        """Return an insert that replaces a row of the same key."""
        statement = insert(table)
        kept = {*keep, *(column.name for column in table.primary_key)}
        new = {column.name: column for column in statement.inserted if column.name not in kept}
        return statement.on_duplicate_key_update(new)

    def firsts(self, connection: Connection, lines: Sequence[Line]) -> Iterator[Any]:  # Any: a Row
        """Return the first delivery of each line, locked."""
        for start in range(0, len(lines), _LINES):
            chunk = lines[start : start + _LINES]
            arms = " UNION ALL ".join(
                f"(SELECT handler, line, id, state FROM {{delivery}} WHERE handler = :h{n}"
                f" AND line = :l{n} ORDER BY id LIMIT 1 FOR UPDATE)"
                for n in range(len(chunk))
            )
            told = {f"h{n}": handler for n, (handler, _) in enumerate(chunk)}
            told |= {f"l{n}": line for n, (_, line) in enumerate(chunk)}
            yield from connection.execute(self.spoken(arms), told)

    def hold_session(self, connection: Connection, pid: int) -> str | None:
        """Hold a named lock until the session ends."""
        del pid
        lock = f"typedbus.{secrets.token_hex(16)}"
        held = connection.execute(text("SELECT GET_LOCK(:lock, 1)"), {"lock": lock}).scalar()
        return lock if held == 1 else None

    def is_gone(self, connection: Connection, session_lock: str, *, here: bool) -> bool:
        """Say whether nobody holds the lock any more; it is the same from every host."""
        del here
        found = connection.execute(text("SELECT IS_USED_LOCK(:lock)"), {"lock": session_lock})
        return found.scalar() is None

    def is_transient(self, error: BaseException) -> bool:
        """Say whether transactions met."""
        return _number_of(error) in _TRANSIENT

    def is_taken(self, error: BaseException) -> bool:
        """Say whether somebody else has locked a row."""
        return _number_of(error) == _TAKEN

    def is_missing(self, error: BaseException) -> bool:
        """Say whether there is no such table or column."""
        return _number_of(error) in _MISSING

    def _stored(self, connection: Connection, statement: str) -> list[Stored]:
        return stored_of(self.once(connection, statement))

    def _as_sent(self, table: Table) -> str:
        return self._spoken.identifier_preparer.format_table(table)


def _number_of(error: BaseException) -> int | None:
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) else getattr(error, "errno", None)


def _chunks(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    """Return *records* in parts that a server takes in one packet."""
    chunk: list[Record] = []
    characters = 0
    for record in records:
        size = len(record.body) + len(record.headers)
        if chunk and (len(chunk) == _ROWS or characters + size > _CHARACTERS):
            yield chunk
            chunk, characters = [], 0
        chunk.append(record)
        characters += size
    if chunk:
        yield chunk
