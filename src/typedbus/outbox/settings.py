"""How a relay works: its bounds and times, with defaults that suit most."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class RelaySettings(NamedTuple):
    """How a relay works."""

    batch: int = 1000
    """How many events it reads at a time."""
    window: int = 4000
    """How many events it has in its hands at most."""
    concurrency: int = 64
    """How many async handlers run at a time."""
    threads: int = 8
    """How many sync handlers run at a time."""
    ttl: timedelta = timedelta(seconds=10)
    """How long a relay may be silent before another one takes over."""
    poll: timedelta = timedelta(seconds=1)
    """How long it waits for a sign of new events before it looks by itself."""
    spill_after: timedelta = timedelta(seconds=1)
    """How long a slow handler may hold up others before its events wait apart."""
    drain: timedelta = timedelta(seconds=30)
    """How long handlers that run may take to end once the relay is told to stop."""
    max_crashes: int = 3
    """How often an event may bring the process down before it becomes a dead letter."""
    stall: timedelta = timedelta(seconds=60)
    """How long nothing may move, past what handlers may take, before the relay gives up."""
