"""What there is to do: fresh events, deliveries that are due, lines that are occupied."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    select,
    tuple_,
    union_all,
)

from typedbus.adapters.sqlalchemy.outbox.clock import database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.adapters.sqlalchemy.outbox.lines import chunks
from typedbus.outbox.operators import EVERY_HANDLER
from typedbus.outbox.records import Late, Occupied, State, Stored

_LINES: Final = 100
"""How many lines one statement asks about."""
_FOLLOWERS: Final = 50
"""How many that are held behind the first of a line are read at least."""
_REPLAYED: Final = "tb-replayed"
"""The header that tells a handler that an operator wanted the event to be handled again."""


class Reading:
    """Reads the tables of an outbox; each statement sees what is committed by then."""

    def __init__(self, dialect: OutboxDialect) -> None:
        self._dialect: Final = dialect
        self._tables: Final = dialect.tables
        delivery = dialect.tables.delivery.c
        self._columns: Final = (
            delivery.id,
            delivery.handler,
            delivery.line,
            delivery.state,
            delivery.attempts,
            delivery.crashes,
            delivery.replayed_at,
        )
        # Made once: making them takes longer than asking an idle database.
        self._due: Final = self._make_due()
        self._due_unpaused: Final = self._make_due(
            delivery.handler.not_in(bindparam("paused", expanding=True))
        )

    def fresh(self, connection: Connection, limit: int, known: Collection[int]) -> Sequence[Stored]:
        """Return the events with the lowest numbers, of which nothing was done yet."""
        return self._dialect.fresh(connection, limit, known) if limit > 0 else ()

    def late(
        self,
        connection: Connection,
        limit: int,
        known: Collection[tuple[str, int]],
        paused: Collection[str],
    ) -> Sequence[Late]:
        """Return deliveries that are due, and those held behind them."""
        if limit <= 0 or EVERY_HANDLER in paused:
            return ()
        # What is known is among the first, for it is due as well.
        asked: dict[str, object] = {"limit": limit + len(known)}
        if paused:
            asked["paused"] = sorted(paused)
        due = connection.execute(self._due_unpaused if paused else self._due, asked)
        heads = [row for row in due if (row.handler, row.id) not in known][:limit]
        lines = [(row.handler, row.line, row.id) for row in heads if row.line is not None]
        rows = [*heads, *self._followers(connection, lines, limit - len(heads), known)]
        return self._with_events(connection, rows)

    def unknown(
        self,
        connection: Connection,
        handlers: Collection[str],
        limit: int,
        after: tuple[int, str] | None,
    ) -> Sequence[Late]:
        """Return deliveries that nobody knew the handler or the class of."""
        delivery = self._tables.delivery.c
        query = select(*self._columns).where(
            delivery.state == State.UNKNOWN.value, delivery.handler.in_(sorted(handlers))
        )
        if after is not None:
            query = query.where(tuple_(delivery.id, delivery.handler) > after)
        query = query.order_by(delivery.id, delivery.handler).limit(limit)
        return self._with_events(connection, connection.execute(query).all())

    def occupied(self, connection: Connection) -> Occupied:
        """Return the lines that have deliveries in them."""
        delivery = self._tables.delivery.c
        # The first of a line is never held, and comes first here.
        query = (
            select(delivery.handler, delivery.line, delivery.state)
            .where(delivery.line.is_not(None), delivery.state != State.HELD.value)
            .order_by(delivery.id.desc())
        )
        states = {(row.handler, row.line): row.state for row in connection.execute(query)}
        dead = frozenset(line for line, state in states.items() if state == State.DEAD.value)
        return Occupied(frozenset(states) - dead, dead)

    def paused(self, connection: Connection) -> Collection[str]:
        """Return the names of the handlers that are paused."""
        handler = self._tables.handler.c
        return frozenset(connection.scalars(select(handler.name).where(handler.paused)))

    def _make_due(self, *allowed: ColumnElement[bool]) -> CompoundSelect[Any]:
        delivery = self._tables.delivery.c
        is_due = delivery.due_at <= database_now()
        arms = (
            select(*self._columns)
            .where(delivery.state == state.value, *when, *allowed)
            .order_by(delivery.due_at, delivery.id)
            for state, when in (
                (State.WAITING, (is_due,)),
                (State.SENT, (is_due,)),
                (State.RUNNING, ()),
            )
        )
        return union_all(*(_limited(arm, bindparam("limit")) for arm in arms))

    def _followers(
        self,
        connection: Connection,
        lines: Sequence[tuple[str, str, int]],
        limit: int,
        known: Collection[tuple[str, int]],
    ) -> Sequence[Any]:  # Any: a Row
        """Return what is held behind the first of each line, up to one that is not."""
        delivery = self._tables.delivery.c
        found = list[Any]()
        # A share for each: what is left of a long line is read when these are done.
        each = max((limit + len(known)) // max(len(lines), 1), _FOLLOWERS)
        for chunk in chunks(lines, _LINES):
            if len(found) >= limit:
                break
            arms = (
                select(*self._columns)
                .where(delivery.handler == handler, delivery.line == line, delivery.id > first)
                .order_by(delivery.id)
                for handler, line, first in chunk
            )
            behind = union_all(*(_limited(arm, each) for arm in arms))
            stopped = set[tuple[str, str]]()
            for row in sorted(connection.execute(behind), key=lambda row: row.id):
                if row.state != State.HELD.value:
                    stopped.add((row.handler, row.line))
                elif (row.handler, row.line) not in stopped and (row.handler, row.id) not in known:
                    found.append(row)
        return sorted(found, key=lambda row: row.id)[:limit] if limit > 0 else ()

    def _with_events(self, connection: Connection, rows: Iterable[Any]) -> Sequence[Late]:
        rows = sorted(rows, key=lambda row: (row.id, row.handler))
        if not rows:
            return ()
        events = self._dialect.events(connection, {row.id for row in rows})
        stored = {event.id: event for event in events}
        return [
            Late(
                _marked(stored[row.id], row.replayed_at),
                row.handler,
                row.line,
                State(row.state),
                row.attempts,
                row.crashes,
            )
            for row in rows
            if row.id in stored  # not, where somebody has removed the event by hand
        ]


def _limited(arm: Select[Any], limit: int | BindParameter[Any]) -> Select[Any]:
    # SQLite takes no LIMIT in a part of a UNION, but in a subquery there.
    rows = arm.limit(limit).subquery()
    return select(*rows.c)


def _marked(stored: Stored, replayed_at: Any) -> Stored:  # Any: a datetime, or None
    if replayed_at is None:
        return stored
    headers = json.loads(stored.headers)
    headers[_REPLAYED] = in_utc(replayed_at).isoformat()
    return stored._replace(headers=json.dumps(headers))
