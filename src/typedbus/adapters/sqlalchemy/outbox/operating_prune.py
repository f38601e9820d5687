"""Pruning: what is old goes, and never what is owed to somebody."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from typedbus.adapters.sqlalchemy.outbox.operating_access import Desk, Turn
from typedbus.adapters.sqlalchemy.outbox.operating_acts import Note
from typedbus.outbox.operators import Progress
from typedbus.outbox.reports import Pruned

_CHUNK: Final = 5000
"""How many rows are deleted in one transaction: no relay waits for it."""


def prune(
    desk: Desk,
    *,
    events: timedelta | None,
    inbox: timedelta | None,
    who: str,
    dry_run: bool,
    progress: Progress | None,
) -> Pruned:
    """Delete what is older than *events* and *inbox*, or only count it."""
    with desk.look() as turn:
        now = turn.now
    ages = {"events": events and str(events), "inbox": inbox and str(inbox)}
    pruning = _Pruning(desk, Note(who, "prune", ages), progress, dry_run=dry_run)
    return Pruned(
        events=0 if events is None else pruning.prune_events(now - events),
        inbox=0 if inbox is None else pruning.prune_inbox(now - inbox),
    )


class _Pruning:
    """One pruning: it goes through the log once, and once through the inbox."""

    def __init__(self, desk: Desk, note: Note, progress: Progress | None, *, dry_run: bool) -> None:
        self._desk = desk
        self._tables = desk.tables
        self._note = note
        self._progress = progress
        self._dry_run = dry_run
        self._looked_at = 0

    def prune_events(self, before: datetime) -> int:
        """Delete events recorded *before* that nobody is owed; return how many."""
        pruned, last = 0, 0

        def operation(turn: Turn) -> tuple[list[int], int]:
            return self._prune_next(turn, before, last)

        while True:
            if self._dry_run:
                with self._desk.look() as turn:
                    numbers, free = operation(turn)
            else:
                numbers, free = self._desk.write(operation)
                self._note.keep()
            pruned += free
            self._tell(len(numbers))
            if len(numbers) < _CHUNK:
                return pruned
            last = numbers[-1]

    def _prune_next(self, turn: Turn, before: datetime, last: int) -> tuple[list[int], int]:
        """Delete what nobody is owed of the next old events; return these, and how many went."""
        event = self._tables.event
        old = select(event.c.id).where(event.c.recorded_at < turn.stored(before), event.c.id > last)
        old = old.order_by(event.c.id).limit(_CHUNK)
        if not self._dry_run:
            # Locked first, looked at then: whoever replays one of them has done so by the next
            # statement, or finds it gone.
            old = old.with_for_update()
        numbers = list(turn.connection.scalars(old))
        free = sorted(set(numbers) - self._owed(turn, numbers)) if numbers else []
        if free and not self._dry_run:
            turn.connection.execute(delete(event).where(event.c.id.in_(free)))
            self._note.add(turn, len(free))
        return numbers, len(free)

    def _owed(self, turn: Turn, numbers: list[int]) -> set[int]:
        """Return those of *numbers* that are owed to, or dead for, somebody."""
        pending, delivery = self._tables.pending.c, self._tables.delivery.c
        # One statement: a relay moves what is owed from the one table to the other.
        low, high = numbers[0], numbers[-1]
        fresh = select(pending.id).where(pending.id.between(low, high))
        late = select(delivery.id).where(delivery.id.between(low, high))
        return set(turn.connection.scalars(fresh.union(late)))

    def prune_inbox(self, before: datetime) -> int:
        """Delete rows of the inbox seen *before*, of events that are not owed; return how many."""
        if self._dry_run:
            with self._desk.look() as turn:
                old = select(func.count()).where(self._done_with(turn, before))
                return turn.connection.scalar(old) or 0
        pruned = 0
        while True:
            number = self._desk.write(lambda turn: self._prune_next_seen(turn, before))
            self._note.keep()
            pruned += number
            self._tell(number)
            if number < _CHUNK:
                return pruned

    def _prune_next_seen(self, turn: Turn, before: datetime) -> int:
        inbox = self._tables.inbox
        old = select(inbox.c.consumer, inbox.c.event_id)
        old = old.where(self._done_with(turn, before)).limit(_CHUNK)
        found = defaultdict[str, list[str]](list)
        for consumer, event_id in turn.connection.execute(old):
            found[consumer].append(event_id)
        for consumer, event_ids in found.items():
            gone = (inbox.c.consumer == consumer) & inbox.c.event_id.in_(event_ids)
            turn.connection.execute(delete(inbox).where(gone))
        number = sum(map(len, found.values()))
        if number:
            self._note.add(turn, number)
        return number

    def _done_with(self, turn: Turn, before: datetime) -> ColumnElement[bool]:
        """Return whether a row of the inbox is old, and nothing is owed of its event."""
        tables, event = self._tables, self._tables.event.c
        pending, delivery = tables.pending.c, tables.delivery.c
        owed = exists().where(
            event.event_id == tables.inbox.c.event_id,
            or_(exists().where(pending.id == event.id), exists().where(delivery.id == event.id)),
        )
        return and_(tables.inbox.c.seen_at < turn.stored(before), ~owed)

    def _tell(self, number: int) -> None:
        self._looked_at += number
        if self._progress is not None:
            self._progress(self._looked_at)
