"""The port of a store: where events wait until they are handled, and who may handle them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple, Protocol

from typedbus.outbox.records import Batch, Lease, Line, Occupied, Settlement


class RelayInfo(NamedTuple):
    """What a relay tells of itself to those who look at the outbox."""

    id: str
    """A UUID, new for each start of a relay."""
    host: str
    pid: int
    started: str
    """When its process started, in whatever form tells one process of that pid from the next."""


class Store(Protocol):
    """Keeps what is owed. Each call is one transaction: it is done whole, or not at all.

    A call that raises may have been done all the same, for the answer can be lost on its way:
    each may be repeated with the same arguments. What the store raises for a lease that is gone
    is `LeaseLostError`; for a database that is away, `StoreAwayError`.
    """

    def take_lease(self, relay: RelayInfo, ttl: timedelta) -> Lease | None:
        """Return the lease if it is free, or its holder is dead or silent for its *ttl*; else None.

        The lease that *relay* has already is returned as it is. Taking it counts the epoch up, and
        from then on nothing is written under an earlier one.
        """
        ...

    def renew_lease(self, lease: Lease, ttl: timedelta) -> None:
        """Say that the holder lives, for another *ttl*; raises `LeaseLostError`."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, clean, unless it is somebody else's by now."""
        ...

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
        """Return up to *fresh* events with the lowest numbers of all, and up to *late* deliveries.

        *known* and *known_late* are left out: they are in the reader's hands. Events are read by
        their existence, never from some number on: a transaction may commit a lower number later.
        Deliveries that are due come with those held behind them in their line, which are due when
        the first is done. Handlers in *paused* are left out of the deliveries. An UNKNOWN delivery
        is not among them.
        """
        ...

    def read_unknown(
        self,
        lease: Lease,
        *,
        handlers: Collection[str],
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> Batch:
        """Return deliveries in `State.UNKNOWN` that are owed to one of *handlers*.

        They come in the order of their events' numbers, then of their handlers' names; only those
        past *after*, a number and a name.
        """
        ...

    def occupied(self, lease: Lease) -> Occupied:
        """Return the lines that have deliveries in them."""
        ...

    def paused(self, lease: Lease) -> Collection[str]:
        """Return the names of the handlers that an operator has paused; "*" stands for all."""
        ...

    def settle(self, lease: Lease, settlement: Settlement) -> Collection[Line]:
        """Write *settlement* down, and return the lines it touched that are free now.

        The first delivery of a line is never left held: it becomes due. Raises `LeaseLostError`,
        and then nothing was written.
        """
        ...

    def know_handlers(self, lease: Lease, handlers: Collection[str]) -> None:
        """Note which handlers this relay's code has, for those who look at the outbox."""
        ...
