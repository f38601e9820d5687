"""What operators decide of deliveries: try again, skip, discard, pause; each act is noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import case, delete, insert, select, update

from typedbus.adapters.sqlalchemy.outbox.operating_access import Desk, Turn
from typedbus.adapters.sqlalchemy.outbox.operating_selection import (
    CHUNK,
    entries_query,
    entry_of,
    locked,
    refuse_absent,
    rows_of,
    these,
)
from typedbus.core.errors import NoSuchDeliveryError, OutboxError
from typedbus.outbox.operators import EVERY_HANDLER, Progress, Selection
from typedbus.outbox.records import State
from typedbus.outbox.reports import Entry, Place


class Note:
    """What is noted of one act: written with its first part, and kept up with each other."""

    def __init__(
        self, who: str, act: str, what: Mapping[str, object], reason: str | None = None
    ) -> None:
        self._values = {"who": who, "act": act, "reason": reason}
        self._what = {name: value for name, value in what.items() if value not in (None, (), [])}
        self._id: int | None = None
        self._number = 0
        self._written: tuple[int | None, int] = (None, 0)

    def add(self, turn: Turn, number: int) -> None:
        """Note, in the transaction of *turn*, that it touches *number* more."""
        operation = turn.tables.operation
        id_, number = self._id, self._number + number
        if id_ is not None:
            mine = update(operation).where(operation.c.id == id_)
            turn.connection.execute(mine.values(number=number))
        else:
            what = json.dumps(self._what, ensure_ascii=False, default=str)
            new = insert(operation).values(
                at=turn.stored(turn.now), what=what, number=number, **self._values
            )
            (id_,) = turn.connection.execute(new).inserted_primary_key or (None,)
        self._written = (id_, number)

    def keep(self) -> None:
        """Go on from what was written last: it is committed."""
        self._id, self._number = self._written


def retry(
    desk: Desk,
    selection: Selection,
    *,
    who: str,
    dry_run: bool,
    progress: Progress | None,
) -> int:
    """Make deliveries due."""
    selection = selection._replace(states=selection.states or (State.DEAD, State.WAITING))
    note = Note(who, "retry", _as_json(selection))
    return _in_chunks(desk, selection, _make_due, note, dry_run, progress)


def discard(
    desk: Desk,
    selection: Selection,
    *,
    who: str,
    reason: str,
    dry_run: bool,
    progress: Progress | None,
) -> int:
    """Remove deliveries."""
    selection = selection._replace(states=selection.states or (State.DEAD,))
    note = Note(who, "discard", _as_json(selection), reason)
    return _in_chunks(desk, selection, _remove, note, dry_run, progress)


def _as_json(selection: Selection) -> dict[str, object]:
    return {
        **selection._asdict(),
        "events": [str(each) for each in selection.events],
        "states": [state.value for state in selection.states],
    }


def _in_chunks(
    desk: Desk,
    selection: Selection,
    act: Callable[[Turn, Sequence[Any]], None],
    note: Note,
    dry_run: bool,  # noqa: FBT001 - handed on
    progress: Progress | None,
) -> int:
    """Do *act* to the deliveries of *selection*, some in each transaction; return how many."""
    with desk.look() as turn:
        refuse_absent(turn, selection)
    place: Place | None = None
    number = 0

    def act_on(rows: Sequence[Any]) -> Callable[[Turn], int]:
        def operation(turn: Turn) -> int:
            still = locked(turn, selection, rows)
            if still:
                act(turn, still)
                note.add(turn, len(still))
            return len(still)

        return operation

    while True:
        with desk.look() as turn:
            rows = rows_of(turn, selection, place, CHUNK)
        number += len(rows) if dry_run or not rows else desk.write(act_on(rows))
        note.keep()
        if progress is not None:
            progress(number)
        if len(rows) < CHUNK:
            return number
        place = Place(rows[-1].id, rows[-1].handler)


def _make_due(turn: Turn, rows: Sequence[Any]) -> None:
    delivery, now = turn.tables.delivery, turn.stored(turn.now)
    sent = [row for row in rows if row.state == State.SENT.value]
    others = [row for row in rows if row.state != State.SENT.value]
    if sent:
        mine = update(delivery).where(these(sent, turn.tables))
        turn.connection.execute(mine.values(due_at=now, updated_at=now))
    if others:
        # Held first: only the first of a line may be due, which `advance` sees to.
        in_line = case((delivery.c.line.is_(None), State.WAITING.value), else_=State.HELD.value)
        # One that has killed a process goes on being tried alone, and is told by its mark.
        crashes = case((delivery.c.crashes > 0, 1), else_=0)
        mine = update(delivery).where(these(others, turn.tables))
        turn.connection.execute(
            mine.values(state=in_line, attempts=0, crashes=crashes, due_at=now, updated_at=now)
        )
        turn.advance(lines_of(others))


def _remove(turn: Turn, rows: Sequence[Any]) -> None:
    turn.connection.execute(delete(turn.tables.delivery).where(these(rows, turn.tables)))
    turn.advance(lines_of(rows))


def lines_of(rows: Sequence[Any]) -> set[tuple[str, str]]:
    """Return the lines that *rows* stand in."""
    return {(row.handler, row.line) for row in rows if row.line is not None}


def skip(
    desk: Desk,
    handler: str,
    key: str,
    *,
    who: str,
    reason: str | None,
    dry_run: bool,
) -> Entry:
    """Remove the first delivery of a line."""
    if dry_run:
        with desk.look() as turn:
            return entry_of(turn, _head(turn, handler, key))

    def operation(turn: Turn) -> Entry:
        row = _head(turn, handler, key)
        selected = Selection(handler=handler, key=key)
        _remove(turn, locked(turn, selected, [row]))
        what = {"handler": handler, "key": key, "events": [str(row.id)]}
        Note(who, "skip", what, reason).add(turn, 1)
        return entry_of(turn, row)

    return desk.write(operation)


def _head(turn: Turn, handler: str, key: str) -> Any:  # Any: columns of many types
    """Return the first of a line; raise for none, and for one that cannot be skipped."""
    delivery = turn.tables.delivery.c
    first = entries_query(turn.tables).where(delivery.handler == handler, delivery.line == key)
    row = turn.connection.execute(first.order_by(delivery.id).limit(1)).first()
    if row is None:
        raise NoSuchDeliveryError(
            f"skip the first of {key!r} for {handler}",
            "nothing stands in that line",
            "see `typedbus outbox list`: what is dead and in no line can be discarded",
        )
    if row.state == State.RUNNING.value:
        raise OutboxError(
            f"skip event {row.id} for {handler}",
            "it is being handled",
            "wait until it is done, or until the relay that handles it is gone",
        )
    return row


def pause(
    desk: Desk,
    handler: str,
    known: Sequence[str],
    *,
    who: str,
    paused: bool,
) -> None:
    """Write down whether *handler* is paused."""

    def operation(turn: Turn) -> None:
        if handler != EVERY_HANDLER:
            _refuse_unknown(turn, handler, known)
        table = turn.tables.handler
        mine = table.c.name == handler
        changed = turn.connection.execute(update(table).where(mine).values(paused=paused))
        if not changed.rowcount:
            turn.connection.execute(insert(table).values(name=handler, paused=paused))
        Note(who, "pause" if paused else "resume", {"handler": handler}).add(turn, 1)

    desk.write(operation)


def _refuse_unknown(turn: Turn, handler: str, known: Sequence[str]) -> None:
    tables = turn.tables
    for column in (tables.handler.c.name, tables.delivery.c.handler):
        found = select(column).where(column == handler).limit(1)
        if handler in known or turn.connection.scalar(found) is not None:
            return
    raise NoSuchDeliveryError(
        f"pause or resume {handler!r}",
        "no handler of this program, or of a relay, is called that",
        "see the names by `typedbus outbox status`",
    )
