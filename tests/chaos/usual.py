"""What most scenarios have: relays that are kept, producers, and the promises of the handlers."""

from __future__ import annotations

from typing import Any, Final

from tests.chaos.actors import Actor
from tests.chaos.checker import Promises
from tests.chaos.run import Kept, Run

USUAL: Final = Promises(transactional=["table", "remote"], remote=["remote"])
ORDERS: Final = 30
"""How many orders each of two producers makes."""


def keep_relays(run: Run, count: int = 2, **told: Any) -> list[Kept]:  # Any: what `Told` has
    """Start *count* relays that are started again when they end."""
    return [run.keep_relay(run.told(f"relay-{number + 1}", **told)) for number in range(count)]


def relays(run: Run, count: int = 2, **told: Any) -> list[Actor]:  # Any: what `Told` has
    """Start *count* relays that nobody starts again; return when the first of them works."""
    first, *others = [f"relay-{number + 1}" for number in range(count)]
    found = [run.relay(run.told(first, **told))]
    wait_for_lease(run, first, found[0])
    return [*found, *(run.relay(run.told(name, **told)) for name in others)]


def wait_for_lease(run: Run, name: str, actor: Actor) -> None:
    """Return when *actor* has the lease."""
    run.wait_until(lambda: run.traces.holder() == actor.pid, f"{name} has the lease")
