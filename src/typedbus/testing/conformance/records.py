"""Records, leases and deliveries for the tests of the suite, and how to ask a store for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from typedbus.outbox.records import (
    Batch,
    Late,
    Lease,
    Line,
    Put,
    Record,
    Settlement,
    State,
    owed,
)
from typedbus.outbox.store import Store
from typedbus.testing.conformance.harness import Harness, Kept

MANY: Final = 2000
"""So many events a relay may well have in its hands."""


def record(
    key: str | None = None,
    *,
    to: Mapping[str, str | None] | None = None,
    body: str = "{}",
    headers: str = "{}",
) -> Record:
    """Return a record for handlers and their keys; "billing" with *key* if none are given."""
    handlers = {"billing": key} if to is None else to
    return Record(
        event_id=str(uuid4()),
        type="conformance.event",
        version=1,
        key=key,
        owed_to=owed(handlers, key),
        body=body,
        headers=headers,
    )


@dataclass(frozen=True)
class Relay:
    """A relay that has the lease: the store and the lease in one."""

    store: Store
    lease: Lease

    def read(
        self,
        *,
        fresh: int = MANY,
        late: int = MANY,
        known: Collection[int] = (),
        known_late: Collection[tuple[str, int]] = (),
        paused: Collection[str] = (),
    ) -> Batch:
        """Read what there is to do."""
        return self.store.read(
            self.lease, fresh=fresh, late=late, known=known, known_late=known_late, paused=paused
        )

    def fresh(self) -> list[int]:
        """Return the numbers of the events of which nothing is done yet, as they are read."""
        return [stored.id for stored in self.read().fresh]

    def late(self) -> list[tuple[str, int]]:
        """Return handler and number of the deliveries that are due, as they are read."""
        return [key_of(late) for late in self.read().late]

    def settle(
        self,
        *,
        done: Collection[int] = (),
        puts: Collection[Put] = (),
        removed: Collection[tuple[str, int]] = (),
        parked: Collection[Line] = (),
    ) -> frozenset[Line]:
        """Write down what was decided, and return the lines that are free now."""
        settlement = Settlement(done, list(puts), removed, parked)
        return frozenset(self.store.settle(self.lease, settlement))

    def put(self, *puts: Put) -> frozenset[Line]:
        """Write deliveries of events of which nothing was done."""
        return self.settle(done={put.id for put in puts}, puts=puts)


def start(harness: Harness, store: Store | None = None) -> Relay:
    """Return a relay that has just got the lease."""
    store = harness.store if store is None else store
    lease = store.take_lease(harness.relay(), 10 * harness.tick)
    assert lease is not None, "the lease was free, and is not given"
    return Relay(store, lease)


def take_over(harness: Harness, ttl: timedelta | None = None) -> Relay:
    """Return a relay that has the lease, its former holder being silent for long."""
    harness.pass_time(11 * harness.tick)
    store = harness.another()
    lease = store.take_lease(harness.relay(), ttl or 10 * harness.tick)
    assert lease is not None, "the holder was silent for longer than its ttl, and keeps the lease"
    return Relay(store, lease)


def write(harness: Harness, *records: Record) -> list[int]:
    """Commit *records* in one transaction, and return their numbers."""
    writer = harness.begin()
    numbers = [writer.add(record) for record in records]
    writer.commit()
    return numbers


def write_line(harness: Harness, key: str = "k", many: int = 3) -> list[int]:
    """Commit *many* events of one key for "billing", each in a transaction of its own."""
    return [write(harness, record(key))[0] for _ in range(many)]


def waiting(number: int, key: str | None = None, due: timedelta = timedelta(0)) -> Put:
    """Return a delivery to "billing" that is to be tried again."""
    return Put("billing", number, key, State.WAITING, attempts=1, due=due)


def held(number: int, key: str) -> Put:
    """Return a delivery to "billing" that stands behind another one."""
    return Put("billing", number, key, State.HELD)


def dead(number: int, key: str | None) -> Put:
    """Return a delivery to "billing" that was given up."""
    return Put("billing", number, key, State.DEAD, attempts=5, error="ValueError: no")


def key_of(late: Late | Kept) -> tuple[str, int]:
    """Return handler and number of a delivery."""
    return late.handler, late.stored.id if isinstance(late, Late) else late.id


def kept(harness: Harness) -> dict[tuple[str, int], Kept]:
    """Return what is kept, by handler and number."""
    return {key_of(row): row for row in harness.deliveries()}


def states(harness: Harness) -> dict[int, State]:
    """Return the state of each delivery to "billing", by number."""
    return {row.id: row.state for row in harness.deliveries() if row.handler == "billing"}
