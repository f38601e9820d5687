"""Who empties a table of events, and how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.outbox.counted import Counted


class Goal(NamedTuple):
    """What a contender of ours is to reach: calls a second, or a ratio."""

    must: float
    aim: float
    against_pgqueuer: bool = False


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to bring stored events to handlers that do nothing."""

    name: str
    kind: str
    """The kind of database, or broker."""
    events: int
    """How many keep it busy for about a second on a small machine."""
    prepare: Callable[[str], None]
    """Make what it needs in the new database of that URL."""
    fill: Callable[[str, int], None]
    """Store so many events in it."""
    work: Callable[[str, Counted], None]
    """Handle them all; return when the count is over."""
    owed: str | None = None
    """The query that counts what is not handled yet; None where the last call is the end."""
    handlers: int = 1
    """How many handlers each event has."""
    distribution: str = "typedbus"
    """What must be installed."""
    goals: tuple[Goal, ...] = ()
