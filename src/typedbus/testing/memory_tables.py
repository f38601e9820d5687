"""What an outbox in memory holds: the rows, and which of them stand in one line."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from typedbus.outbox.records import Line, Put, State, Stored, handlers_owed

Key: TypeAlias = "tuple[str, int]"
"""A handler's name and the number of an event."""

ACTIVE: Final = frozenset({State.WAITING, State.RUNNING, State.SENT})
"""The states of a delivery that somebody has to look at when it is due."""


class MemoryDelivery(NamedTuple):
    """A delivery that left the happy path, as it stands in a store in memory."""

    handler: str
    id: int
    """The number of its event."""
    line: str | None
    state: State
    attempts: int
    crashes: int
    due: datetime
    error: str | None
    traceback: str | None

    @property
    def stands_in(self) -> Line | None:
        """The line that it stands in, if it stands in one."""
        return None if self.line is None else (self.handler, self.line)


class Tables:
    """The rows of an outbox in memory. It takes no lock: whoever calls it has one."""

    def __init__(self) -> None:
        self.events: dict[int, Stored] = {}
        self.pending: list[int] = []
        self.deliveries: dict[Key, MemoryDelivery] = {}
        self.inbox: set[tuple[str, str]] = set()
        self.active: set[Key] = set()
        self._lines: dict[Line, list[int]] = {}

    def owe(self, stored: Stored) -> None:
        """Keep *stored*, of which nothing is done yet."""
        self.events[stored.id] = stored
        insort(self.pending, stored.id)

    def is_pending(self, number: int) -> bool:
        """Return whether nothing is done yet of the event of that number."""
        at = bisect_left(self.pending, number)
        return at < len(self.pending) and self.pending[at] == number

    def take_pending(self, number: int) -> bool:
        """Owe the event as fresh no more; return False if it was not."""
        at = bisect_left(self.pending, number)
        if at == len(self.pending) or self.pending[at] != number:
            return False
        del self.pending[at]
        return True

    def lines_of(self, key: Key) -> Iterator[Line]:
        """Return the line that a delivery stands in, or that its event belongs to."""
        row = self.deliveries.get(key)
        if row is not None and row.stands_in is not None:
            yield row.stands_in
        handler, number = key
        if row is None and number in self.events:
            for name, own in handlers_owed(self.events[number]):
                if name == handler and own is not None:
                    yield handler, own

    def put(self, put: Put, now: datetime) -> None:
        """Write a delivery, in place of what was there; its error stays if *put* has none."""
        before = self.deliveries.get((put.handler, put.id))
        error, traceback = put.error, put.traceback
        if error is None and before is not None:
            error, traceback = before.error, before.traceback
        due = now + put.due if isinstance(put.due, timedelta) else put.due
        held = put.state is State.HELD and put.line is not None
        state = State.WAITING if put.state is State.HELD and not held else put.state
        self.write(
            MemoryDelivery(
                put.handler,
                put.id,
                put.line,
                state,
                put.attempts,
                put.crashes,
                due,
                error,
                traceback,
            )
        )

    def write(self, row: MemoryDelivery) -> None:
        """Write *row*, in place of what was there."""
        key = row.handler, row.id
        self.remove(key)
        self.deliveries[key] = row
        if row.state in ACTIVE:
            self.active.add(key)
        if row.stands_in is not None:
            insort(self._lines.setdefault(row.stands_in, []), row.id)

    def remove(self, key: Key) -> bool:
        """Forget a delivery; return False if there was none."""
        row = self.deliveries.pop(key, None)
        if row is None:
            return False
        self.active.discard(key)
        if row.stands_in is not None:
            standing = self._lines[row.stands_in]
            standing.remove(row.id)
            if not standing:
                del self._lines[row.stands_in]
        return True

    def lines(self) -> Iterator[tuple[Line, MemoryDelivery]]:
        """Return each line that has deliveries in it, with its first one."""
        for line, standing in self._lines.items():
            yield line, self.deliveries[line[0], standing[0]]

    def standing_in(self, line: Line) -> list[MemoryDelivery]:
        """Return the deliveries of *line*, in the order of their numbers."""
        return [self.deliveries[line[0], number] for number in self._lines.get(line, ())]

    def advance(self, line: Line, now: datetime) -> bool:
        """Let none but the first of *line* be due; return whether the line is free."""
        for at, row in enumerate(self.standing_in(line)):
            if at == 0 and row.state is State.HELD:
                self.write(row._replace(state=State.WAITING, due=now))
            elif at > 0 and row.state is State.WAITING:
                self.write(row._replace(state=State.HELD))
        return line not in self._lines

    def park(self, line: Line, now: datetime) -> None:
        """Give up what is held in *line*."""
        standing = self.standing_in(line)
        for row in standing:
            if row.state is State.HELD:
                error = f"parked: the event {standing[0].id}, the first of its line, is dead"
                self.write(row._replace(state=State.DEAD, due=now, error=error))

    def due(
        self, now: datetime, limit: int, known: Collection[Key], paused: Collection[str]
    ) -> list[MemoryDelivery]:
        """Return deliveries that are due, and those held behind them, in the order of events."""
        if "*" in paused:
            return []
        heads = [
            row
            for row in (self.deliveries[key] for key in self.active)
            if (row.due <= now or row.state is State.RUNNING)
            and row.handler not in paused
            and (row.handler, row.id) not in known
        ]
        heads = sorted(heads, key=_order)[:limit]
        found = {(row.handler, row.id): row for row in heads}
        for head in heads:
            for row in self._held_behind(head):
                if (row.handler, row.id) not in known:
                    found[row.handler, row.id] = row
        return sorted(found.values(), key=_order)[:limit]

    def _held_behind(self, head: MemoryDelivery) -> Iterator[MemoryDelivery]:
        """Return what is held behind *head*, up to one that is not held and has to go first."""
        line = head.stands_in
        for row in self.standing_in(line) if line is not None else ():
            if row.id > head.id:
                if row.state is not State.HELD:
                    return
                yield row


def _order(row: MemoryDelivery) -> tuple[int, str]:
    return row.id, row.handler
