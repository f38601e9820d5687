"""Drives a store in memory through the suite of stores."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from typedbus.outbox.attempts import Attempt, Unit
from typedbus.outbox.records import Record
from typedbus.outbox.store import RelayInfo
from typedbus.testing import MemoryStore, MemoryUnit, MemoryWriter
from typedbus.testing.conformance import Kept


class Writes:
    """A transaction that writes events."""

    def __init__(self, writer: MemoryWriter) -> None:
        self._writer = writer

    def add(self, record: Record, /) -> int:
        """Write *record*, and return its number."""
        return self._writer.add(record).id

    def commit(self) -> None:
        """Commit."""
        self._writer.commit()

    def roll_back(self) -> None:
        """Roll back."""
        self._writer.roll_back()


class MemoryHarness:
    """A `UnitHarness` of a store in memory; any `MemoryStore` will do, also one with a bug."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.writers = 4
        self.tick = timedelta(seconds=1)

    def another(self) -> MemoryStore:
        """Return the same store: it serves any number of threads."""
        return self.store

    def begin(self) -> Writes:
        """Begin a transaction."""
        return Writes(self.store.begin())

    def pending(self) -> Collection[int]:
        """Return what is pending."""
        return self.store.pending()

    def deliveries(self) -> Sequence[Kept]:
        """Return every delivery."""
        return [
            Kept(
                row.handler,
                row.id,
                row.line,
                row.state,
                row.attempts,
                row.crashes,
                row.error,
                row.traceback,
            )
            for row in self.store.deliveries()
        ]

    def known_handlers(self) -> Collection[str]:
        """Return the names that are known."""
        return self.store.known_handlers()

    def pause(self, handler: str) -> None:
        """Pause a handler."""
        self.store.pause(handler)

    def resume(self, handler: str) -> None:
        """Resume a handler."""
        self.store.resume(handler)

    def discard(self, handler: str, number: int) -> None:
        """Remove a delivery."""
        self.store.discard(handler, number)

    def relay(self) -> RelayInfo:
        """Return one more relay."""
        return RelayInfo(str(uuid4()), "here", 1, "now")

    def died(self, relay: RelayInfo) -> bool:
        """End the session of a relay."""
        self.store.died(relay.id)
        return True

    def now(self) -> datetime:
        """Return the time."""
        return self.store.now

    def pass_time(self, by: timedelta) -> None:
        """Move the clock."""
        self.store.advance(by)

    def unit(self, attempt: Attempt) -> Unit:
        """Return the transaction of a handler."""
        return MemoryUnit(attempt, self.store, awaits=False)

    def write(self, unit: Unit, value: str) -> None:
        """Write a value in it."""
        cast("MemoryUnit", unit).write(value)  # made by `unit` above

    def effects(self) -> Sequence[str]:
        """Return what was committed."""
        return [str(effect.value) for effect in self.store.effects]
