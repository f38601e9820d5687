"""What an operator's selection means in the tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from typedbus.adapters.sqlalchemy.outbox.lines import those
from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn, moment
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import NoSuchDeliveryError
from typedbus.outbox.operators import Reference, Selection
from typedbus.outbox.records import State
from typedbus.outbox.reports import Entry, Place

CHUNK: Final = 500
"""How many rows an act touches in one transaction: a relay waits for it meanwhile."""


def deliveries_that(selection: Selection, tables: Tables) -> ColumnElement[bool]:
    """Return whether a delivery, joined to its event, is one of *selection*."""
    event, delivery = tables.event.c, tables.delivery.c
    parts: list[ColumnElement[bool]] = []
    if selection.events:
        parts.append(one_of(selection.events, delivery.id, event.event_id))
    if selection.handler is not None:
        parts.append(delivery.handler == selection.handler)
    if selection.key is not None:
        stands_in_none = and_(delivery.line.is_(None), event.key == selection.key)
        parts.append(or_(delivery.line == selection.key, stands_in_none))
    if selection.type is not None:
        parts.append(event.type == selection.type)
    if selection.states:
        parts.append(delivery.state.in_([state.value for state in selection.states]))
    return and_(*parts) if parts else ~false()


def one_of(
    references: Collection[Reference], number: ColumnElement[int], event_id: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return whether an event is one of *references*."""
    numbers = [each for each in references if isinstance(each, int)]
    ids = [str(each) for each in references if not isinstance(each, int)]
    parts = [column.in_(found) for column, found in ((number, numbers), (event_id, ids)) if found]
    return or_(*parts)


def after(place: Place | None, tables: Tables) -> ColumnElement[bool]:
    """Return whether a delivery comes after *place*."""
    delivery = tables.delivery.c
    if place is None:
        return ~false()
    return or_(
        delivery.id > place.id, and_(delivery.id == place.id, delivery.handler > place.handler)
    )


def rows_of(
    turn: Turn, selection: Selection, place: Place | None, limit: int
) -> list[Any]:  # Any: columns of many types
    """Return number, handler, line and state of the next deliveries of *selection*."""
    delivery = turn.tables.delivery.c
    found = _rows(turn, selection).where(after(place, turn.tables))
    found = found.order_by(delivery.id, delivery.handler).limit(limit)
    return list(turn.connection.execute(found))


def locked(
    turn: Turn, selection: Selection, rows: Sequence[Any]
) -> list[Any]:  # Any: columns of many types
    """Return those of *rows* that are still of *selection*, which nobody else changes any more."""
    mine = _rows(turn, selection).where(these(rows, turn.tables))
    mine = mine.order_by(turn.tables.delivery.c.id, turn.tables.delivery.c.handler)
    return list(turn.connection.execute(mine.with_for_update(of=turn.tables.delivery)))


def _rows(turn: Turn, selection: Selection) -> Select[Any]:
    delivery, event = turn.tables.delivery, turn.tables.event
    joined = delivery.outerjoin(event, event.c.id == delivery.c.id)
    found: Select[Any] = select(
        delivery.c.id, delivery.c.handler, delivery.c.line, delivery.c.state
    )
    return found.select_from(joined).where(deliveries_that(selection, turn.tables))


def these(rows: Iterable[Any], tables: Tables) -> ColumnElement[bool]:
    """Return whether a delivery is one of *rows*."""
    delivery = tables.delivery.c
    # By handler, for SQLite goes through all rows to look for pairs.
    return or_(*those(delivery.handler, delivery.id, ((row.handler, row.id) for row in rows)))


def refuse_absent(turn: Turn, selection: Selection) -> None:
    """Raise `NoSuchDeliveryError` for an event that is named and has no delivery of these."""
    for reference in selection.events:
        alone = selection._replace(events=[reference])
        if turn.connection.execute(_rows(turn, alone).limit(1)).first() is None:
            states = " or ".join(state.value for state in selection.states)
            raise NoSuchDeliveryError(
                f"act on event {reference}",
                f"no delivery of it that is {states} was selected",
                "see how it stands by `typedbus outbox show`",
            )


def entries_query(tables: Tables) -> Select[Any]:  # Any: columns of many types
    """Return the statement that reads deliveries with what `entry_of` needs."""
    delivery, event = tables.delivery, tables.event
    found: Select[Any] = select(delivery, event.c.event_id, event.c.type, event.c.recorded_at)
    return found.select_from(delivery.outerjoin(event, event.c.id == delivery.c.id))


def entry_of(turn: Turn, row: Any) -> Entry:  # Any: columns of many types
    """Return the delivery that *row* of `entries_query` is."""
    # An event that is not there any more is a finding of `verify`, and must be seen here too.
    recorded_at = moment(row.updated_at if row.recorded_at is None else row.recorded_at)
    return Entry(
        id=row.id,
        event_id=row.event_id or "",
        type=row.type or "",
        handler=row.handler,
        key=row.line,
        state=State(row.state),
        attempts=row.attempts,
        crashes=row.crashes,
        recorded_at=recorded_at,
        age=turn.now - recorded_at,
        due_in=moment(row.due_at) - turn.now,
        error=row.error,
        traceback=row.traceback,
        replayed=row.replayed_at is not None,
    )


def names_in(owed_to: ColumnElement[str], handler: str) -> ColumnElement[bool]:
    """Return whether *handler* may be among those of *owed_to*: it is looked at closer later."""
    return owed_to.contains(quote(handler, safe=".:-_/"), autoescape=True)


def keyed_by(tables: Tables, key: str) -> ColumnElement[bool]:
    """Return whether an event may have *key* for some handler: it is looked at closer later."""
    event = tables.event.c
    own = event.owed_to.contains("=" + quote(key or "\0", safe=""), autoescape=True)
    return or_(event.key == key, own)
