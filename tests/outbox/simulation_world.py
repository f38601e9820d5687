"""A world in which an outbox is at work: its database, its clock, and what has truly happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests.outbox.simulation_events import HANDLERS
from typedbus.outbox.attempts import Attempt
from typedbus.outbox.records import Line, Record, State, Stored, handlers_owed
from typedbus.testing import MemoryDelivery, MemoryStore, MemoryWriter

Key = tuple[str, int]
"""A handler's name and the number of an event."""


@dataclass
class Producer:
    """Somebody who publishes: one transaction at a time, which locks the keys that it uses."""

    writer: MemoryWriter | None = None
    keys: set[str] = field(default_factory=set)


@dataclass
class History:
    """What has truly happened, as nobody inside of the world can see it."""

    started: Counter[Key] = field(default_factory=Counter)
    """How often each handler was called with each event."""
    excuses: Counter[Key] = field(default_factory=Counter)
    """How often a call has ended so that another one is right."""
    over: set[Key] = field(default_factory=set)
    """What a handler has handled or discarded, or an operator discarded."""
    failures: Counter[Key] = field(default_factory=Counter)
    """How many of these calls have failed."""
    discarded: set[Key] = field(default_factory=set)
    """What is over without having been handled, perhaps."""
    died: set[Key] = field(default_factory=set)
    """What was a dead letter at some time."""
    retried: Counter[Key] = field(default_factory=Counter)
    """How often an operator retried a dead letter."""
    kills: Counter[Key] = field(default_factory=Counter)
    """How often a handler has brought its process down with an event."""
    marked: Counter[Key] = field(default_factory=Counter)
    """How often the lease was taken while a delivery was marked as running."""
    suspected: Counter[Key] = field(default_factory=Counter)
    """How often of these times the process was not brought down by another delivery."""
    killers: dict[str, Key] = field(default_factory=dict)
    """Which delivery has brought each of the relays down that did not end otherwise."""
    dead: list[str] = field(default_factory=list)
    """The relays whose process has ended."""
    takeovers: int = 0
    pauses: int = 0
    stalls: int = 0


class World:
    """The database, the clock, and the truth."""

    def __init__(self) -> None:
        self.store: Final = MemoryStore()
        self.now = 1000.0
        """The monotonic clock, of all processes alike."""
        self.history: Final = History()
        self.producers: Final = [Producer() for _ in range(3)]
        self.letters: Final[list[Attempt]] = []
        """What was sent to the other process, and may be brought there."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.store.advance(timedelta(seconds=seconds))

    def jump(self, seconds: float) -> None:
        """Set the clock of the database to another time; nobody else's."""
        self.store.advance(timedelta(seconds=seconds))

    def decide(self, which: int, *, discards: bool) -> None:
        """Discard any delivery, or retry a dead one: the first of its line, or one without."""
        rows = list(self.rows().values())
        if discards and rows:
            row = rows[which % len(rows)]
            self.store.discard(row.handler, row.id)
            self.history.over.add((row.handler, row.id))
            self.history.discarded.add((row.handler, row.id))
            return
        seen = set[Line]()
        dead = list[Key]()
        for row in rows:
            if row.state is State.DEAD and (row.stands_in is None or row.stands_in not in seen):
                dead.append((row.handler, row.id))
            if row.stands_in is not None:
                seen.add(row.stands_in)
        if dead:
            key = dead[which % len(dead)]
            self.store.retry(*key)
            self.history.retried[key] += 1

    def is_locked(self, key: str, producer: Producer) -> bool:
        """Return whether another transaction has written for *key*, and is open."""
        return any(key in other.keys for other in self.producers if other is not producer)

    def write(self, producer: Producer, key: str, record: Record) -> None:
        """Write *record* in the transaction of *producer*, which locks *key*."""
        if producer.writer is None:
            producer.writer = self.store.begin()
        producer.keys.add(key)
        producer.writer.add(record)

    def commit(self, producer: Producer) -> None:
        """Commit what *producer* has written."""
        if producer.writer is not None:
            producer.writer.commit()
        producer.writer, producer.keys = None, set()

    def roll_back(self, producer: Producer) -> None:
        """Roll back what *producer* has written, as when it dies."""
        if producer.writer is not None:
            producer.writer.roll_back()
        producer.writer, producer.keys = None, set()

    def rows(self) -> dict[Key, MemoryDelivery]:
        """Return the deliveries, by handler and number."""
        return {(row.handler, row.id): row for row in self.store.deliveries()}

    def running(self) -> list[Key]:
        """Return the deliveries that are marked as running."""
        return [key for key, row in self.rows().items() if row.state is State.RUNNING]

    def effects(self) -> Counter[Key]:
        """Return how often each handler's effects with an event are in the database."""
        return Counter(
            (effect.attempt.handler, effect.attempt.stored.id) for effect in self.store.effects
        )

    def owed(self) -> dict[Key, str | None]:
        """Return each event and handler that it was owed to, with the key."""
        return {
            (handler, stored.id): key
            for stored in self.store.events()
            for handler, key in handlers_owed(stored)
        }

    def check_exists(self, stored: Stored) -> None:
        """Check that *stored* was committed."""
        assert stored in self.store.events(), f"{stored} was never committed, and is handled"

    def begins(self, attempt: Attempt) -> int:
        """Note that a handler is called; return which call it is, as the truth counts."""
        key = attempt.handler, attempt.stored.id
        self.history.started[key] += 1
        self._check_order(attempt)
        return self.history.started[key]

    def kills(self, attempt: Attempt, beside: list[Key]) -> None:
        """Note that a handler brings down its process, and what runs *beside* it for long."""
        key = attempt.handler, attempt.stored.id
        self.history.kills[key] += 1
        if attempt.lease is not None:
            self.history.killers[attempt.lease.relay] = key
        self.history.suspected.update(beside)

    def taken_over(self, former: str | None, running: list[Key]) -> None:
        """Note that a relay has the lease, after *former*, which left these marks."""
        killer = None if former is None else self.history.killers.get(former)
        self.history.takeovers += 1
        self.history.marked.update(running)
        self.history.suspected.update(key for key in running if killer in (None, key))

    def commit_unit(self, attempt: Attempt) -> None:
        """Commit the effect of a handler in the transaction of its relay."""
        key = attempt.handler, attempt.stored.id
        if self.store.commit_unit(attempt, [key]):
            self.history.over.add(key)
        else:
            assert key in self.history.over, f"{key} is called done before, and was not"

    def bring(self, letter: Attempt) -> None:
        """Handle in the other process what was sent there."""
        self._check_order(letter)
        self.commit_unit(letter)

    def _check_order(self, attempt: Attempt) -> None:
        """Check that nothing waits that is before it in its line."""
        if attempt.line is None:
            return
        name, number = attempt.handler, attempt.stored.id
        skips = HANDLERS[name].on_dead == "skip"
        for stored in self.store.events():
            if stored.id < number and dict(handlers_owed(stored)).get(name) == attempt.line:
                before = name, stored.id
                passes = before in self.history.over or (skips and before in self.history.died)
                assert passes, f"{name} is called with {number} while {stored.id} waits"
