"""What operators ask: how it stands, what waits, what is known of one event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select, union_all

from typedbus.adapters.sqlalchemy.outbox.operating_access import Desk, Turn, moment
from typedbus.adapters.sqlalchemy.outbox.operating_selection import (
    after,
    deliveries_that,
    entries_query,
    entry_of,
    keyed_by,
    names_in,
    one_of,
)
from typedbus.core.errors import NoSuchDeliveryError
from typedbus.outbox.operators import EVERY_HANDLER, Reference, Selection
from typedbus.outbox.records import State, Stored, handlers_owed
from typedbus.outbox.reports import (
    Entry,
    HandlerStatus,
    KnownRelay,
    Operation,
    Page,
    Place,
    Shown,
    Status,
    UnknownStatus,
)

_A_MINUTE: Final = timedelta(minutes=1)
_FIRST: Final = 100
"""Among how many of the lowest numbers the oldest event is looked for: they are nearly in order."""
_STORED: Final = ("id", "event_id", "type", "version", "key", "owed_to", "body", "headers")


def status(desk: Desk, known: Sequence[str]) -> Status:
    """Return how it stands; *known* are the handlers of this program."""
    with desk.look() as turn:
        pending = select(func.count()).select_from(desk.tables.pending)
        paused = _paused(turn)
        return Status(
            pending=turn.connection.scalar(pending) or 0,
            lag=_lag(turn),
            published_a_minute=_published_a_minute(turn),
            paused=EVERY_HANDLER in paused,
            handlers=_handlers(turn, known, paused),
            relays=_relays(turn),
            unknown=_unknown(turn),
        )


def lag(desk: Desk) -> timedelta | None:
    """Return the age of the oldest event that is owed and not dead."""
    with desk.look() as turn:
        return _lag(turn)


def _lag(turn: Turn) -> timedelta | None:
    pending, delivery, event = turn.tables.pending.c, turn.tables.delivery.c, turn.tables.event.c
    fresh = select(pending.id.label("id")).order_by(pending.id).limit(_FIRST)
    alive = [state.value for state in State if state is not State.DEAD]
    late = select(delivery.id.label("id")).where(delivery.state.in_(alive))
    late = late.order_by(delivery.id).limit(_FIRST)
    # MariaDB takes no LIMIT in what IN looks through, but in a table that is derived.
    first = union_all(select(fresh.subquery().c.id), select(late.subquery().c.id)).subquery()
    oldest = turn.connection.scalar(
        select(func.min(event.recorded_at)).join(first, first.c.id == event.id)
    )
    return None if oldest is None else max(turn.now - moment(oldest), timedelta())


def _published_a_minute(turn: Turn) -> float:
    recorded_at = turn.tables.event.c.recorded_at
    since = turn.stored(turn.now - _A_MINUTE)
    return turn.connection.scalar(select(func.count()).where(recorded_at > since)) or 0


def _paused(turn: Turn) -> set[str]:
    handler = turn.tables.handler.c
    return set(turn.connection.scalars(select(handler.name).where(handler.paused)))


def _handlers(turn: Turn, known: Sequence[str], paused: set[str]) -> list[HandlerStatus]:
    tables = turn.tables
    handler, delivery, lease = tables.handler.c, tables.delivery.c, tables.lease.c
    noted = select(handler.name, handler.epoch == select(lease.epoch).scalar_subquery())
    of_relay = {name: bool(now) for name, now in turn.connection.execute(noted)}
    counted = select(delivery.handler, delivery.state, func.count())
    counts: dict[str, dict[str, int]] = {}
    for name, state, count in turn.connection.execute(
        counted.group_by(delivery.handler, delivery.state)
    ):
        counts.setdefault(name, {})[state] = count
    return [
        HandlerStatus(
            name=name,
            known=name in known or of_relay.get(name, False),
            paused=name in paused,
            **{state.value: counts.get(name, {}).get(state.value, 0) for state in State},
        )
        for name in sorted({*of_relay, *counts, *known} - {EVERY_HANDLER})
    ]


def _relays(turn: Turn) -> list[KnownRelay]:
    relay = turn.tables.relay.c
    owner = turn.connection.scalar(select(turn.tables.lease.c.owner))
    found = select(relay.id, relay.host, relay.pid, relay.expires_at).order_by(relay.id)
    return [
        KnownRelay(
            row.id,
            row.host,
            row.pid,
            works=row.id == owner,
            alive=moment(row.expires_at) > turn.now,
        )
        for row in turn.connection.execute(found)
    ]


def _unknown(turn: Turn) -> list[UnknownStatus]:
    delivery, event = turn.tables.delivery.c, turn.tables.event.c
    found = (
        select(delivery.handler, event.type, func.count())
        .join(turn.tables.event, event.id == delivery.id)
        .where(delivery.state == State.UNKNOWN.value)
        .group_by(delivery.handler, event.type)
        .order_by(delivery.handler, event.type)
    )
    return [UnknownStatus(*row) for row in turn.connection.execute(found)]


def deliveries(desk: Desk, selection: Selection, place: Place | None, limit: int) -> Page:
    """Return a page of what left the happy path."""
    with desk.look() as turn:
        tables, delivery = turn.tables, turn.tables.delivery.c
        found = (
            entries_query(tables)
            .where(deliveries_that(selection, tables), after(place, tables))
            .order_by(delivery.id, delivery.handler)
            .limit(limit + 1)
        )
        entries = [entry_of(turn, row) for row in turn.connection.execute(found)]
        return _page(entries, limit)


def fresh(desk: Desk, selection: Selection, place: Place | None, limit: int) -> Page:
    """Return a page of what nothing was done about yet."""
    with desk.look() as turn:
        entries: list[Entry] = []
        for entry in _fresh_entries(turn, selection, 0 if place is None else place.id, limit):
            if place is not None and (entry.id, entry.handler) <= place:
                continue
            entries.append(entry)
            if len(entries) > limit:
                break
        return _page(entries, limit)


def _page(entries: list[Entry], limit: int) -> Page:
    shown = entries[:limit]
    more = len(entries) > limit
    return Page(shown, Place(shown[-1].id, shown[-1].handler) if more else None)


def _fresh_entries(turn: Turn, selection: Selection, start: int, limit: int) -> Iterator[Entry]:
    """Give the deliveries of fresh events of *selection*, from the number *start* on."""
    tables, chunk = turn.tables, max(limit, _FIRST)
    pending, event = tables.pending.c, tables.event.c
    found = select(*(event[name] for name in _STORED), event.recorded_at)
    found = found.join(tables.pending, pending.id == event.id).order_by(pending.id).limit(chunk)
    if selection.events:
        found = found.where(one_of(selection.events, event.id, event.event_id))
    if selection.handler is not None:
        found = found.where(names_in(event.owed_to, selection.handler))
    if selection.key is not None:
        found = found.where(keyed_by(tables, selection.key))
    if selection.type is not None:
        found = found.where(event.type == selection.type)
    while True:
        rows = turn.connection.execute(found.where(pending.id >= start)).all()
        for row in rows:
            yield from _fresh_of(turn, row, selection)
        if len(rows) < chunk:
            return
        start = rows[-1].id + 1


def _fresh_of(turn: Turn, row: Any, selection: Selection) -> list[Entry]:
    recorded_at = moment(row.recorded_at)
    return [
        Entry(
            id=row.id,
            event_id=row.event_id,
            type=row.type,
            handler=handler,
            key=key,
            state=None,
            attempts=0,
            crashes=0,
            recorded_at=recorded_at,
            age=turn.now - recorded_at,
            due_in=None,
            error=None,
            traceback=None,
            replayed=False,
        )
        for handler, key in sorted(handlers_owed(_stored(row)), key=_first)
        if selection.handler in (None, handler) and selection.key in (None, key)
    ]


def _first(owed: tuple[str, str | None]) -> str:
    return owed[0]


def _stored(row: Any) -> Stored:
    return Stored(*(getattr(row, name) for name in _STORED))


def show(desk: Desk, reference: Reference) -> Shown:
    """Return all that is known of one event."""
    tables, event = desk.tables, desk.tables.event.c
    with desk.look() as turn:
        found = select(*(event[name] for name in _STORED), event.recorded_at)
        row = turn.connection.execute(
            found.where(one_of([reference], event.id, event.event_id))
        ).first()
        if row is None:
            raise NoSuchDeliveryError(
                f"show event {reference}",
                "the log has none of that number or id",
                "see `typedbus outbox list`, or it may have been pruned",
            )
        late = entries_query(tables).where(tables.delivery.c.id == row.id)
        entries = [entry_of(turn, each) for each in turn.connection.execute(late)]
        pending = turn.connection.scalar(
            select(tables.pending.c.id).where(tables.pending.c.id == row.id)
        )
        there = {entry.handler for entry in entries}
        if pending is not None:
            rest = _fresh_of(turn, row, Selection())
            entries += [entry for entry in rest if entry.handler not in there]
            there |= {entry.handler for entry in rest}
        stored, recorded_at = _stored(row), moment(row.recorded_at)
        done = [handler for handler, _ in handlers_owed(stored) if handler not in there]
        entries.sort(key=lambda entry: entry.handler)
        return Shown(stored, recorded_at, turn.now - recorded_at, entries, done)


def operations(desk: Desk, limit: int) -> list[Operation]:
    """Return the latest acts by hand."""
    note = desk.tables.operation.c
    with desk.look() as turn:
        found = select(note.at, note.who, note.act, note.what, note.number, note.reason)
        rows = turn.connection.execute(found.order_by(note.id.desc()).limit(limit))
        return [Operation(moment(at), *rest) for at, *rest in rows]
