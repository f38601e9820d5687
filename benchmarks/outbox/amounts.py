"""How many events each question about the outbox takes."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.measure import Effort


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much of everything is measured."""

    rounds: int
    """How often everyone empties their table."""
    part: float
    """How much of the events that keep it busy for about a second each one is given."""
    published: int
    """How many events are published in one transaction."""
    rests: int
    """How many events are published to a relay at rest."""
    kills: int
    """How often a relay is killed on each database."""
    backlog: int
    """How many events have piled up for a relay that has to drain them all."""


def amounts_of(effort: Effort) -> Amounts:
    """Return what goes with *effort*."""
    if effort.quick:
        return Amounts(
            rounds=effort.drains, part=0.05, published=500, rests=20, kills=1, backlog=5_000
        )
    return Amounts(
        rounds=effort.drains, part=1.0, published=1_000, rests=300, kills=5, backlog=1_000_000
    )
