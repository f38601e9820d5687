"""What a relay writes down: all of a settlement, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, delete, select, update

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now
from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.adapters.sqlalchemy.outbox.fencing import fence
from typedbus.adapters.sqlalchemy.outbox.lines import advance, among, chunks, those, unindexed
from typedbus.outbox.records import Lease, Line, Put, Record, Settlement, State, handlers_owed

_AT_ONCE: Final = 5000
_LINES: Final = 1000
_LONGEST_ERROR: Final = 2_000
_LONGEST_TRACEBACK: Final = 50_000

Key: TypeAlias = "tuple[str, int]"
"""A handler's name and the number of an event."""


class Settling:
    """Writes settlements into the tables of an outbox."""

    def __init__(self, dialect: OutboxDialect) -> None:
        self._dialect: Final = dialect
        self._tables: Final = dialect.tables
        delivery = dialect.tables.delivery
        self._tell: Final = dialect.upsert(delivery, ["replayed_at"])
        self._leave: Final = dialect.upsert(delivery, ["replayed_at", "error", "traceback"])

    def settle(
        self, connection: Connection, lease: Lease, settlement: Settlement
    ) -> Collection[Line]:
        """Write *settlement* down, and return the lines it touched that are free now."""
        now = fence(connection, self._tables, lease)
        puts = {(put.handler, put.id): put for put in settlement.puts}
        removed = set(settlement.removed)
        if not puts and not removed and not settlement.parked:
            self._take_pending(connection, settlement.done)
            return frozenset()
        kept = self._kept(connection, {*puts, *removed})
        owed = self._owed(connection, puts, kept)
        # Who puts a delivery into a line says so, unless it leaves it.
        unsaid = removed.union((put.handler, put.id) for put in owed if put.line is None)
        touched = {
            *settlement.parked,
            *((put.handler, put.line) for put in owed if put.line is not None),
            *((handler, line) for (handler, _), line in kept.items() if line is not None),
            *self._lines_of(connection, (key for key in unsaid if kept.get(key) is None)),
        }
        self._take_pending(connection, settlement.done)
        self._put(connection, owed, now)
        self._remove(connection, removed)
        self._park(connection, settlement.parked)
        return frozenset(advance(connection, self._tables, touched))

    def _take_pending(self, connection: Connection, done: Iterable[int]) -> None:
        for chunk in chunks(done, _AT_ONCE):
            self._dialect.take_pending(connection, chunk)

    def _kept(self, connection: Connection, keys: Iterable[Key]) -> Mapping[Key, str | None]:
        """Return the lines of the deliveries that are there already, and lock them."""
        delivery = self._tables.delivery
        # With the state: SQLite would walk through the index of lines, which has all the rest.
        columns = delivery.c.handler, delivery.c.id, delivery.c.line, delivery.c.state
        return {
            (row.handler, row.id): row.line
            for which in those(delivery.c.handler, delivery.c.id, sorted(keys))
            for row in connection.execute(select(*columns).where(which).with_for_update())
        }

    def _owed(
        self, connection: Connection, puts: Mapping[Key, Put], kept: Mapping[Key, str | None]
    ) -> list[Put]:
        """Return those of *puts* that stand for what is owed still.

        An operator, a worker, or the handler's own transaction may have ended the others.
        """
        table = self._tables.pending
        fresh = sorted({number for handler, number in puts if (handler, number) not in kept})
        pending = {
            number
            for chunk in chunks(fresh, _AT_ONCE)
            for number in connection.scalars(
                select(table.c.id).where(among(table.c.id, chunk)).with_for_update()
            )
        }
        return [put for key, put in puts.items() if key in kept or put.id in pending]

    def _lines_of(self, connection: Connection, keys: Iterable[Key]) -> Iterable[Line]:
        """Return the lines that deliveries would stand in, as their events say."""
        table = self._tables.event
        handlers = defaultdict[int, set[str]](set)
        for handler, number in keys:
            handlers[number].add(handler)
        for chunk in chunks(sorted(handlers), _AT_ONCE):
            query = select(table.c.id, table.c.key, table.c.owed_to)
            for row in connection.execute(query.where(among(table.c.id, chunk))):
                record = Record("", "", 0, row.key, row.owed_to, "", "")
                for handler, key in handlers_owed(record):
                    if key is not None and handler in handlers[row.id]:
                        yield handler, key

    def _put(self, connection: Connection, puts: Collection[Put], now: datetime) -> None:
        # Who says no error leaves the one that is there.
        told = [_row(connection, put, now) for put in puts if put.error is not None]
        untold = [_row(connection, put, now) for put in puts if put.error is None]
        if told:
            connection.execute(self._tell, told)
        if untold:
            connection.execute(self._leave, untold)

    def _remove(self, connection: Connection, keys: Iterable[Key]) -> None:
        delivery = self._tables.delivery
        for which in those(delivery.c.handler, delivery.c.id, sorted(keys)):
            connection.execute(delete(delivery).where(which))

    def _park(self, connection: Connection, lines: Iterable[Line]) -> None:
        delivery = self._tables.delivery
        by_handler = defaultdict[str, list[str]](list)
        for handler, line in lines:
            by_handler[handler].append(line)
        for handler, of_handler in by_handler.items():
            for chunk in chunks(of_handler, _LINES):
                connection.execute(
                    update(delivery)
                    .where(
                        delivery.c.handler == handler,
                        delivery.c.line.in_(chunk),
                        unindexed(delivery.c.state) == State.HELD.value,
                    )
                    .values(
                        state=State.DEAD.value,
                        error="parked: the first of its line is dead",
                        traceback=None,
                        updated_at=database_now(),
                    )
                )


def _row(connection: Connection, put: Put, now: datetime) -> dict[str, Any]:  # Any: of columns
    due = now + put.due if isinstance(put.due, timedelta) else put.due
    held = put.state is State.HELD and put.line is None
    return {
        "id": put.id,
        "handler": put.handler,
        "line": put.line,
        "state": State.WAITING.value if held else put.state.value,
        "attempts": put.attempts,
        "crashes": put.crashes,
        "due_at": as_column(connection, due),
        "error": _fit(put.error, _LONGEST_ERROR),
        "traceback": _fit(put.traceback, _LONGEST_TRACEBACK),
        "updated_at": as_column(connection, now),
    }


def _fit(text: str | None, longest: int) -> str | None:
    """Return *text* as every database takes it: what a handler raised may say anything."""
    if text is None:
        return None
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]} [...] {text[-half:]}"
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
