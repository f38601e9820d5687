"""Replaying: events of the log that are owed to a handler again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, false, insert, select

from typedbus.adapters.sqlalchemy.outbox.operating_access import Desk, Turn
from typedbus.adapters.sqlalchemy.outbox.operating_acts import Note
from typedbus.adapters.sqlalchemy.outbox.operating_selection import CHUNK, keyed_by, one_of
from typedbus.core.codec import decode
from typedbus.core.errors import (
    EventError,
    OutboxError,
    UnknownHandlerError,
    UnknownWireNameError,
)
from typedbus.core.names import class_named
from typedbus.outbox.handlers import Durable, DurableHandlers
from typedbus.outbox.operators import History, Progress
from typedbus.outbox.records import State, Stored, handlers_owed
from typedbus.outbox.reports import Replayed

_STORED: Final = ("id", "event_id", "type", "version", "key", "owed_to", "body", "headers")


class Pace(NamedTuple):
    """How fast events are owed again."""

    rate: float | None
    """How many a second; None for as fast as can be."""
    clock: Callable[[], float] = monotonic
    wait: Callable[[float], None] = sleep

    @property
    def chunk(self) -> int:
        """How many are owed in one transaction."""
        return CHUNK if self.rate is None else max(1, min(CHUNK, int(self.rate)))

    def keep(self, number: int, started: float) -> None:
        """Wait until *number* are not too many for the time since *started*."""
        if self.rate is not None:
            self.wait(max(0.0, started + number / self.rate - self.clock()))


class Replay:
    """One replay to the handler called *handler*."""

    def __init__(
        self, desk: Desk, handlers: DurableHandlers, handler: str, history: History
    ) -> None:
        self._desk = desk
        self._tables = desk.tables
        self._handlers = handlers
        self._handler = handler
        self._history = history

    def run(self, *, who: str, pace: Pace, dry_run: bool, progress: Progress | None) -> Replayed:
        """Owe the events again, or only count them."""
        with self._desk.look() as turn:
            self._refuse_unknown(turn)
            chosen = self._chosen(turn)
        note = Note(who, "replay", {"handler": self._handler, **_as_json(self._history)})
        all_of, last, started = _Sorted(), 0, pace.clock()

        def sort_out(turn: Turn) -> _Sorted:
            rest = and_(chosen, self._tables.event.c.id > last)
            return self._sorted_out(turn, rest, pace.chunk, lock=not dry_run)

        def owe(turn: Turn) -> _Sorted:
            found = sort_out(turn)
            if found.owed:
                self._owe(turn, found)
                note.add(turn, len(found.owed))
            return found

        while True:
            if dry_run:
                with self._desk.look() as turn:
                    found = sort_out(turn)
            else:
                found = self._desk.write(owe)
                note.keep()
            all_of.add(found)
            if progress is not None:
                progress(len(all_of.owed))
            if found.last is None:
                return all_of.counted()
            last = found.last
            if not dry_run:
                pace.keep(len(all_of.owed), started)

    def _refuse_unknown(self, turn: Turn) -> None:
        noted = turn.tables.handler.c.name
        there = select(noted).where(noted == self._handler)
        if self._handler not in self._handlers.names() and turn.connection.scalar(there) is None:
            raise UnknownHandlerError(
                f"replay to {self._handler!r}",
                f"no handler is called that here, but {', '.join(self._handlers) or 'none at all'}",
                "import the module that subscribes it, or see `typedbus outbox status`",
            )

    def _chosen(self, turn: Turn) -> ColumnElement[bool]:
        """Return whether an event may be one of those that are meant."""
        event, history = self._tables.event.c, self._history
        parts: list[ColumnElement[bool]] = [~false()]
        if history.key is not None:
            parts.append(keyed_by(self._tables, history.key))
        if history.events:
            parts.append(one_of(history.events, event.id, event.event_id))
        if history.type is not None:
            parts.append(event.type == history.type)
        if history.since is not None:
            parts.append(event.recorded_at >= turn.stored(_time(turn, history.since)))
        if history.until is not None:
            parts.append(event.recorded_at < turn.stored(_time(turn, history.until)))
        return and_(*parts)

    def _sorted_out(
        self, turn: Turn, chosen: ColumnElement[bool], limit: int, *, lock: bool
    ) -> _Sorted:
        """Say which of the next events to owe, and which not."""
        tables, event = self._tables, self._tables.event.c
        found = select(*(event[name] for name in _STORED)).where(chosen)
        found = found.order_by(event.id).limit(limit)
        if lock:
            # Nobody may prune the event of a delivery that is about to be there.
            found = found.with_for_update()
        events = [Stored(*row) for row in turn.connection.execute(found)]
        numbers = [stored.id for stored in events]
        # In this order: a relay makes what is pending a delivery, never the other way round.
        pending = select(tables.pending.c.id).where(tables.pending.c.id.in_(numbers))
        is_pending = set(turn.connection.scalars(pending))
        delivery = tables.delivery.c
        late = select(delivery.id, delivery.handler).where(delivery.id.in_(numbers))
        is_late = {(number, name) for number, name in turn.connection.execute(late)}
        sorted_out = _Sorted(last=numbers[-1] if len(numbers) == limit else None)
        for stored in events:
            self._sort(stored, stored.id in is_pending, is_late, sorted_out)
        return sorted_out

    def _sort(
        self,
        stored: Stored,
        is_pending: bool,  # noqa: FBT001 - looked up by the caller for many at once
        is_late: set[tuple[int, str]],
        into: _Sorted,
    ) -> None:
        durable = self._durable_for(stored)
        names = {self._handler, *_names_of(durable)}
        keys = [key for name, key in handlers_owed(stored) if name in names]
        if not keys and durable is None:
            into.not_for_it += 1
            return
        key = keys[0] if keys else _key_of(stored, durable)
        if self._history.key not in (None, key):
            return
        if (keys and is_pending) or any((stored.id, name) in is_late for name in names):
            into.still_owed += 1
            return
        into.owed.append((stored.id, stored.event_id, key))
        into.names |= names

    def _durable_for(self, stored: Stored) -> Durable | None:
        try:
            cls = class_named(stored.type)
        except UnknownWireNameError:
            return None
        return self._handlers.find(self._handler, cls)

    def _owe(self, turn: Turn, sorted_out: _Sorted) -> None:
        tables, now = self._tables, turn.stored(turn.now)
        inbox = tables.inbox.c
        # It counts as handled there, and would not be handled again.
        handled = delete(tables.inbox).where(
            inbox.consumer.in_(sorted_out.names),
            inbox.event_id.in_([event_id for _, event_id, _ in sorted_out.owed]),
        )
        turn.connection.execute(handled)
        turn.connection.execute(
            insert(tables.delivery),
            [
                {
                    "id": number,
                    "handler": self._handler,
                    "line": key,
                    "state": (State.WAITING if key is None else State.HELD).value,
                    "attempts": 0,
                    "crashes": 0,
                    "due_at": now,
                    "updated_at": now,
                    "replayed_at": now,
                }
                for number, _, key in sorted_out.owed
            ],
        )
        lines = {(self._handler, key) for _, _, key in sorted_out.owed if key is not None}
        turn.advance(lines)


@dataclass
class _Sorted:
    """What is to be done about some events."""

    owed: list[tuple[int, str, str | None]] = field(default_factory=list)
    """Number, id and key of each that is to be owed."""
    names: set[str] = field(default_factory=set)
    """What the handler is, or was, called."""
    still_owed: int = 0
    not_for_it: int = 0
    last: int | None = None
    """The number to go on after; None if there are no more."""

    def add(self, other: _Sorted) -> None:
        """Take in what *other* says."""
        self.owed += other.owed
        self.still_owed += other.still_owed
        self.not_for_it += other.not_for_it

    def counted(self) -> Replayed:
        """Return how many are of each kind."""
        return Replayed(len(self.owed), self.still_owed, self.not_for_it)


def _names_of(durable: Durable | None) -> tuple[str, ...]:
    return () if durable is None else (durable.handler_name, *durable.options.aliases)


def _key_of(stored: Stored, durable: Durable | None) -> str | None:
    """Return the key that *durable* goes by, of an event that was not published for it."""
    if durable is None or durable.options.key is None:
        return None
    try:
        event: object = decode(class_named(stored.type), stored.body)
    except EventError:
        return None  # the relay finds that it cannot be read, and says so
    try:
        return durable.key_of(event)
    # It is the user's, and may raise anything.
    except Exception as error:
        raise OutboxError(
            f"replay event {stored.id} to {durable.handler_name!r}",
            f"its key= raised {type(error).__name__}: {error}",
            "mend it, or leave the event out; those before it are owed",
        ) from error


def _time(turn: Turn, given: datetime | timedelta) -> datetime:
    return given if isinstance(given, datetime) else turn.now - given


def _as_json(history: History) -> Mapping[str, object]:
    return {**history._asdict(), "events": [str(each) for each in history.events]}
