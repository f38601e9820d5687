"""Everyone who empties a table, in the order of the printed one."""

from __future__ import annotations

from benchmarks.outbox import by_hand, ours, queues
from benchmarks.outbox.contenders import Contender


def everyone() -> list[Contender]:
    """Return all contenders, whether what they need is here or not."""
    return [*ours.contenders(), *by_hand.contenders(), *queues.contenders()]
