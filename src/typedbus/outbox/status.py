"""The status of a relay: what it says of itself to probes and to who runs it."""

from __future__ import annotations

from typing import NamedTuple


class RelayStatus(NamedTuple):
    """How one relay stands."""

    outbox: str
    """What logs call the outbox."""
    relay: str
    """The id of the relay."""
    phase: str
    """"standby", "working", ...: see `Phase`."""
    epoch: int | None
    """Which holder of the lease it is; None if it has none."""
    moves: bool
    """Whether it does what it can: a relay that stands by does, one whose loop is blocked not."""
    still_seconds: float
    """How long ago something moved last."""
    away_seconds: float
    """For how long the database has not answered; 0.0 if it does."""
    in_hand: int
    """How many events and deliveries it has in its hands."""
    running: int
    """How many handlers it calls just now."""
    handled: int
    """How many calls were done since it started."""
    failed: int
    """How many calls failed since it started."""

    @property
    def healthy(self) -> bool:
        """Whether there is no reason to start the process anew."""
        return self.moves and self.phase != "stopped"
