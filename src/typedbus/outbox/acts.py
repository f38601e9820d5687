"""Acts: what the machine asks of the store, as data, and how each is done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from typedbus.outbox.records import Batch, Lease, Line, Occupied, Settlement
from typedbus.outbox.store import RelayInfo, Store


@dataclass(frozen=True)
class TakeLease:
    """Take the lease if it can be had; answered by it, or None."""


class Know(NamedTuple):
    """Note which handlers there are; answered by None."""

    handlers: Sequence[str]


class Unknown(NamedTuple):
    """Read what no relay before knew; answered by a `Batch`."""

    handlers: Collection[str]
    limit: int
    after: tuple[int, str] | None


@dataclass(frozen=True)
class Refresh:
    """Look which lines have deliveries in them, and who is paused; answered by a `Seen`."""


class Read(NamedTuple):
    """Read what is to be done; answered by a `Batch`."""

    fresh: int
    late: int
    known: Collection[int]
    known_late: Collection[tuple[str, int]]
    paused: Collection[str]


class Settle(NamedTuple):
    """Write down what came of it; answered by the lines that are free."""

    settlement: Settlement


@dataclass(frozen=True)
class Release:
    """Give the lease back; answered by None."""


class Wait(NamedTuple):
    """There is nothing to ask of the store before *until*, unless something happens."""

    until: float


@dataclass(frozen=True)
class Stopped:
    """There is nothing to ask of the store any more."""


class Seen(NamedTuple):
    """How the lines are, and who is paused."""

    occupied: Occupied
    paused: Collection[str]


Act: TypeAlias = TakeLease | Know | Unknown | Refresh | Read | Settle | Release
"""What is asked of the store."""
Answer: TypeAlias = Lease | Batch | Seen | Collection[Line] | None
"""What it answers."""


def perform(
    act: Act, store: Store, lease: Lease | None, relay: RelayInfo, ttl: timedelta
) -> Answer:
    """Do *act* and return its answer; raises what the store raises."""
    if isinstance(act, TakeLease):
        return store.take_lease(relay, ttl)
    assert lease is not None, "all else is asked by a relay that has the lease"
    match act:
        case Read(fresh, late, known, known_late, paused):
            return store.read(
                lease, fresh=fresh, late=late, known=known, known_late=known_late, paused=paused
            )
        case Settle(settlement):
            return store.settle(lease, settlement)
        case Refresh():
            return Seen(store.occupied(lease), store.paused(lease))
        case Unknown(handlers, limit, after):
            return store.read_unknown(lease, handlers=handlers, limit=limit, after=after)
        case Know(handlers):
            store.know_handlers(lease, handlers)
        case Release():
            store.release_lease(lease)
    return None
