"""An outbox in memory, with a clock of its own: for tests of relays and of durable handlers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Final

from typedbus.core.errors import NoTransactionError
from typedbus.outbox.attempts import Attempt, current
from typedbus.outbox.records import (
    Batch,
    Late,
    Lease,
    Line,
    Occupied,
    Put,
    Record,
    Settlement,
    State,
    Stored,
)
from typedbus.outbox.store import RelayInfo
from typedbus.testing.memory_lease import MemoryLease
from typedbus.testing.memory_tables import MemoryDelivery, Tables
from typedbus.testing.memory_writing import Effect, MemoryUnit, MemoryWriter

_NEW_YEAR: Final = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStore:
    """A `Store` in memory, for any number of relays and writers, in any threads.

    Its clock stands still until a test moves it. Nothing is durable: it is for tests.
    """

    def __init__(self, now: datetime = _NEW_YEAR) -> None:
        self.effects: list[Effect] = []
        """What units have written, in the order of their commits."""
        self._tables = Tables()
        self._lock = RLock()
        self._now = now
        self._last_number = 0
        self._lease = MemoryLease()
        self._paused: set[str] = set()
        self._known: set[str] = set()
        self._listeners: list[Callable[[], None]] = []

    # What a test does, and looks at.

    @property
    def now(self) -> datetime:
        """The time of the store's clock."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock; a negative *by* moves it back, as clocks of databases may be."""
        with self._lock:
            self._now += by

    def begin(self) -> MemoryWriter:
        """Begin a transaction that writes events: each draws its number before the commit."""
        return MemoryWriter(self._draw, self._committed)

    def write(self, *records: Record) -> list[Stored]:
        """Commit *records* in one transaction."""
        with self.begin() as writer:
            return [writer.add(record) for record in records]

    def unit(self, *, awaits: bool = False) -> MemoryUnit:
        """Return the transaction of the durable handler that runs here, made at the first call."""
        attempt = current.get()
        if attempt is None:
            raise NoTransactionError(
                "open the transaction of a durable handler",
                "no relay calls one here",
                "call it from inside of a durable handler",
            )
        if attempt.unit is None:
            attempt.unit = MemoryUnit(attempt, self, awaits=awaits)
        unit = attempt.unit
        if not isinstance(unit, MemoryUnit) or unit.keeper is not self:
            raise ValueError(
                f"{attempt.handler} works in a transaction of another store: {unit!r}."
            )
        return unit

    def listen(self, listener: Callable[[], None]) -> None:
        """Call *listener* after each commit of a writer."""
        self._listeners.append(listener)

    def died(self, relay: str) -> None:
        """Say that the session of the relay of that id has ended: its lease can be taken now."""
        with self._lock:
            self._lease.died(relay)

    def pause(self, handler: str) -> None:
        """Let no delivery of *handler* be handled; "*" stands for all."""
        with self._lock:
            self._paused.add(handler)

    def resume(self, handler: str) -> None:
        """Take `pause` back."""
        with self._lock:
            self._paused.discard(handler)

    def event(self, number: int) -> Stored:
        """Return the event of that number."""
        return self._tables.events[number]

    def events(self) -> list[Stored]:
        """Return every event that was committed, in the order of the numbers."""
        with self._lock:
            return [stored for _, stored in sorted(self._tables.events.items())]

    def pending(self) -> list[int]:
        """Return the numbers of the events of which nothing is done yet."""
        with self._lock:
            return list(self._tables.pending)

    def deliveries(self) -> list[MemoryDelivery]:
        """Return the deliveries that left the happy path, by number and handler."""
        with self._lock:
            rows = self._tables.deliveries.values()
            return sorted(rows, key=lambda row: (row.id, row.handler))

    def known_handlers(self) -> Collection[str]:
        """Return the names that relays have made known."""
        return frozenset(self._known)

    def holder(self) -> str | None:
        """Return the id of the relay that has the lease."""
        return self._lease.holder

    def retry(self, handler: str, number: int) -> None:
        """Make a delivery due now, as new: what an operator does to a dead letter."""
        with self._lock:
            row = self._tables.deliveries[handler, number]
            waiting = row._replace(state=State.WAITING, due=self._now, attempts=0, crashes=0)
            self._tables.write(waiting)

    def discard(self, handler: str, number: int) -> None:
        """Owe an event to *handler* no more: what an operator does who gives it up."""
        with self._lock:
            lines = list(self._tables.lines_of((handler, number)))
            self._tables.remove((handler, number))
            self._advance(lines)

    # What a relay does.

    def take_lease(self, relay: RelayInfo, ttl: timedelta) -> Lease | None:
        """Return the lease if it can be had, see `Store`."""
        with self._lock:
            return self._lease.take(relay, self._now, ttl)

    def renew_lease(self, lease: Lease, ttl: timedelta) -> None:
        """Say that the holder lives, see `Store`."""
        with self._lock:
            self._lease.renew(lease, self._now, ttl)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, see `Store`."""
        with self._lock:
            self._lease.release(lease)

    def read(
        self,
        lease: Lease,
        *,
        fresh: int,
        late: int,
        known: Collection[int],
        known_late: Collection[tuple[str, int]],
        paused: Collection[str] = (),
    ) -> Batch:
        """Return what there is to do, see `Store`."""
        del lease  # who reads under a lease that is gone does no harm
        with self._lock:
            events: list[Stored] = []
            for number in self._tables.pending:
                if len(events) >= fresh:
                    break
                if number not in known:
                    events.append(self._tables.events[number])
            rows = self._tables.due(self._now, late, known_late, paused)
            return Batch(events, [self._late(row) for row in rows])

    def read_unknown(
        self,
        lease: Lease,
        *,
        handlers: Collection[str],
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> Batch:
        """Return deliveries that nobody knew the handler or the class of, see `Store`."""
        del lease
        with self._lock:
            rows = [
                row
                for row in self.deliveries()
                if row.state is State.UNKNOWN
                and row.handler in handlers
                and (after is None or (row.id, row.handler) > after)
            ]
            return Batch((), [self._late(row) for row in rows[:limit]])

    def occupied(self, lease: Lease) -> Occupied:
        """Return the lines that have deliveries in them, see `Store`."""
        del lease
        with self._lock:
            firsts = list(self._tables.lines())
        dead = frozenset(line for line, first in firsts if first.state is State.DEAD)
        return Occupied(frozenset(line for line, _ in firsts) - dead, dead)

    def paused(self, lease: Lease) -> Collection[str]:
        """Return the names of the handlers that are paused, see `Store`."""
        del lease
        return frozenset(self._paused)

    def settle(self, lease: Lease, settlement: Settlement) -> Collection[Line]:
        """Write *settlement* down, see `Store`."""
        with self._lock:
            self._lease.fence(lease)
            owed = [put for put in settlement.puts if self._is_owed(put)]
            touched = set(settlement.parked)
            for put in owed:
                touched.update(self._tables.lines_of((put.handler, put.id)))
                if put.line is not None:
                    touched.add((put.handler, put.line))
            for key in settlement.removed:
                touched.update(self._tables.lines_of(key))

            for number in settlement.done:
                self._tables.take_pending(number)
            for put in owed:
                self._tables.put(put, self._now)
            for key in settlement.removed:
                self._tables.remove(key)
            for line in settlement.parked:
                self._tables.park(line, self._now)
            return self._advance(touched)

    def know_handlers(self, lease: Lease, handlers: Collection[str]) -> None:
        """Note which handlers a relay's code has, see `Store`."""
        with self._lock:
            self._lease.fence(lease)
            self._known.update(handlers)

    def commit_unit(self, attempt: Attempt, effects: Sequence[object]) -> bool:
        """Commit what the handler of *attempt* wrote, and that it is done, see `Unit.commit`."""
        with self._lock:
            if attempt.lease is not None:
                self._lease.fence(attempt.lease)
            stored, key = attempt.stored, (attempt.handler, attempt.stored.id)
            seen = attempt.handler, stored.event_id
            if not attempt.alone and seen in self._tables.inbox:
                return False
            lines = list(self._tables.lines_of(key))
            is_owed = attempt.alone and self._tables.take_pending(stored.id)
            # A relay may have put the event apart while its handler ran.
            is_owed = self._tables.remove(key) or is_owed
            if not is_owed and (attempt.alone or attempt.late):
                return False
            if not attempt.alone:
                self._tables.inbox.add(seen)
            self._advance(lines)
            self.effects += [Effect(effect, attempt, self._now) for effect in effects]
            return True

    def _draw(self, record: Record) -> Stored:
        with self._lock:
            self._last_number += 1
            return Stored(self._last_number, *record)

    def _committed(self, events: Sequence[Stored]) -> None:
        with self._lock:
            for stored in events:
                self._tables.owe(stored)
        for listener in self._listeners:
            listener()

    def _is_owed(self, put: Put) -> bool:
        """Return whether *put* stands for what is owed still: somebody else may have done it."""
        return (put.handler, put.id) in self._tables.deliveries or self._tables.is_pending(put.id)

    def _advance(self, lines: Iterable[Line]) -> Collection[Line]:
        return frozenset(line for line in lines if self._tables.advance(line, self._now))

    def _late(self, row: MemoryDelivery) -> Late:
        stored = self._tables.events[row.id]
        return Late(stored, row.handler, row.line, row.state, row.attempts, row.crashes)
