"""PostgreSQL: one statement a batch, whatever the driver."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from typedbus.adapters.sqlalchemy.outbox.dialect import (
    LONGEST_WAIT,
    OutboxDialect,
    literal,
    replacing,
    runs_of,
    stored_of,
)
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.records import Line, Record, Stored

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.dml import Insert

_TAKEN: Final = "55P03"
_TRANSIENT: Final = frozenset({"40001", "40P01", _TAKEN})
_MISSING: Final = frozenset({"42P01", "42703", "3F000"})

_SIGNS: Final = {
    "format": "%s",
    "pyformat": "%s",
    "qmark": "?",
    "numeric": ":{}",
    "numeric_dollar": "${}",
}
"""How drivers mark where a value goes."""

_HELD: Final = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (CAST(classid AS bigint) << 32 | CAST(objid AS bigint)) = CAST(:lock AS bigint)"
)


class PostgresDialect(OutboxDialect):
    """How PostgreSQL is spoken to.

    Numbers and texts go as one parameter each: drivers write lists slowly, and each in its way.
    """

    event_id = "CAST(e.event_id AS text)"

    def __init__(self, tables: Tables, spoken: Dialect) -> None:
        super().__init__(tables, spoken)
        columns = ("event_id", "type", "version", "key", "owed_to", "body", "headers")
        arrays = ", ".join(f"string_to_array(CAST(:{each} AS text), :sep)" for each in columns)
        # A key begins with "k", so that one that is empty is not one that is null.
        self._insert = self.spoken(
            "WITH e AS (INSERT INTO {event}"
            " (event_id, type, version, {key}, owed_to, body, headers, recorded_at)"
            " SELECT CAST(a AS uuid), b, CAST(c AS integer), substr(NULLIF(d, ''), 2), e, f, g,"
            f" clock_timestamp() FROM unnest({arrays})"
            " WITH ORDINALITY AS r(a, b, c, d, e, f, g, o) ORDER BY o RETURNING id)"
            " INSERT INTO {pending} (id) SELECT id FROM e"
        )
        event, pending = map(
            spoken.identifier_preparer.format_table, (tables.event, tables.pending)
        )
        sign = [_SIGNS[spoken.paramstyle].format(n) for n in range(1, len(columns) + 1)]
        self._insert_one = (
            f"WITH e AS (INSERT INTO {event}"
            ' (event_id, type, version, "key", owed_to, body, headers, recorded_at)'
            f" VALUES (CAST(CAST({sign[0]} AS text) AS uuid), {', '.join(sign[1:])},"
            f" clock_timestamp()) RETURNING id) INSERT INTO {pending} (id) SELECT id FROM e"
        )
        # OFFSET keeps the planner, who has no statistics of a table as quick as this, from joining
        # the whole log to it.
        of_lowest = (
            "SELECT f.id, e.* FROM (SELECT p.id FROM {pending} p%s ORDER BY p.id LIMIT :n) f,"
            " LATERAL (SELECT {stored} FROM {event} e WHERE e.id = f.id OFFSET 0) e ORDER BY f.id"
        )
        self._fresh = self.spoken(of_lowest.replace("%s", ""))
        self._fresh_but = self.spoken(
            of_lowest.replace(
                "%s", " WHERE NOT p.id <@ CAST(CAST(:known AS text) AS int8multirange)"
            )
        )
        # Joined: an array that is compared with each row of a table costs their product.
        these = "unnest(CAST(CAST(:ids AS text) AS bigint[])) i(id)"
        self._events = self.spoken(
            f"SELECT i.id, e.* FROM {these},"
            " LATERAL (SELECT {stored} FROM {event} e WHERE e.id = i.id OFFSET 0) e ORDER BY i.id"
        )
        self._take = self.spoken(f"DELETE FROM {{pending}} p USING {these} WHERE p.id = i.id")
        self._firsts = self.spoken(
            "SELECT l.handler, l.line, f.id, f.state FROM (SELECT j ->> 0 AS handler,"
            " j ->> 1 AS line FROM json_array_elements(CAST(CAST(:lines AS text) AS json)) j) l,"
            " LATERAL (SELECT d.id, d.state FROM {delivery} d WHERE d.handler = l.handler"
            " AND d.line = l.line ORDER BY d.id LIMIT 1 FOR UPDATE) f"
        )

    def prepare(self, connection: Connection, patience: timedelta) -> None:
        """Let the server end a transaction of a process that was stopped in the middle of it."""
        waiting = min(patience / 4, LONGEST_WAIT)
        connection.execute(
            text(
                "SELECT set_config('idle_in_transaction_session_timeout', :idle, false),"
                " set_config('lock_timeout', :wait, false)"
            ),
            {"idle": _milliseconds(patience), "wait": _milliseconds(waiting)},
        )

    def insert(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write events in their order, and that they are pending, in one statement."""
        if len(records) == 1:
            # Most requests publish one event, and planning the other statement takes twice as long.
            connection.exec_driver_sql(self._insert_one, tuple(records[0]))
            return
        ids, types, versions, keys, owed, bodies, headers = zip(*records, strict=True)
        columns = {
            "event_id": ids,
            "type": types,
            "version": map(str, versions),
            "key": ["" if key is None else "k" + key for key in keys],
            "owed_to": owed,
            "body": bodies,
            "headers": headers,
        }
        connection.execute(self._insert, _joined(columns, len(records)))

    def fresh(self, connection: Connection, limit: int, known: Collection[int]) -> list[Stored]:
        """Return the pending events with the lowest numbers, those in *known* left out."""
        if not known:
            result = connection.execute(self._fresh, {"n": limit})
        else:
            runs = ",".join(f"[{first},{last}]" for first, last in runs_of(known))
            result = connection.execute(self._fresh_but, {"n": limit, "known": f"{{{runs}}}"})
        return stored_of(result)

    def events(self, connection: Connection, ids: Collection[int]) -> list[Stored]:
        """Return the events of these numbers."""
        result = connection.execute(self._events, {"ids": f"{{{literal(ids)}}}"})
        return stored_of(result)

    def take_pending(self, connection: Connection, ids: Collection[int]) -> None:
        """Owe events as fresh no more."""
        connection.execute(self._take, {"ids": f"{{{literal(ids)}}}"})

    def upsert(self, table: Table, keep: Iterable[str] = ()) -> Insert:
        """Return an insert that replaces a row of the same key."""
        return replacing(insert(table), table, keep)

    def firsts(self, connection: Connection, lines: Sequence[Line]) -> Iterable[Any]:  # Any: a Row
        """Return the first delivery of each line, locked."""
        return connection.execute(self._firsts, {"lines": json.dumps(lines)})

    def hold_session(self, connection: Connection, pid: int) -> str | None:
        """Hold an advisory lock until the session ends."""
        del pid
        lock = secrets.randbits(63)
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": lock})
        return str(lock)

    def is_gone(self, connection: Connection, session_lock: str, *, here: bool) -> bool:
        """Say whether nobody holds the lock any more; it is the same from every host."""
        del here
        return not connection.execute(_HELD, {"lock": int(session_lock)}).scalar_one()

    def is_transient(self, error: BaseException) -> bool:
        """Say whether transactions met."""
        return _state_of(error) in _TRANSIENT

    def is_taken(self, error: BaseException) -> bool:
        """Say whether somebody else has locked a row."""
        return _state_of(error) == _TAKEN

    def is_missing(self, error: BaseException) -> bool:
        """Say whether there is no such table or column."""
        return _state_of(error) in _MISSING


def _milliseconds(time: timedelta) -> str:
    return str(max(1, int(time / timedelta(milliseconds=1))))


def _state_of(error: BaseException) -> str | None:
    """Return the SQLSTATE, by the name that this driver has for it."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return state if isinstance(state, str) else None


def _joined(columns: dict[str, Any], rows: int) -> dict[str, str]:
    """Return the values of each column as one text, and what stands between them as "sep"."""
    # JSON has no such character in it; a key, or a name, may have.
    separator = "\x1e"
    values = {name: list(column) for name, column in columns.items()}
    joined = {name: separator.join(column) for name, column in values.items()}
    if any(each.count(separator) != rows - 1 for each in joined.values()):
        separator = f"\x1e{secrets.token_hex(16)}\x1e"
        joined = {name: separator.join(column) for name, column in values.items()}
    return joined | {"sep": separator}
