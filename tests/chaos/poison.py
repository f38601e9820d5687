"""Scenarios: handlers that bring the process down, hang, or stop its event loop."""

from __future__ import annotations

from typing import Final

from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays

_KEY, _SEQ = "k1", 3
_DEAD: Final = ("table", _KEY, _SEQ)


def segfault(run: Run) -> Promises:
    """A handler that crashes the interpreter ends in the dead letters; the others go on."""
    return _killer(run, "segfault")


def sudden_exit(run: Run) -> Promises:
    """So does one that ends the process."""
    return _killer(run, "exit")


def crash_that_passes(run: Run) -> Promises:
    """One that brings the process down twice, and then works, is handled."""
    keep_relays(run, 1, acts={f"table:before:{_KEY}:{_SEQ}": "segfault*2"})

    run.produce(ORDERS)
    run.drain()

    return USUAL


def hard_error(run: Run) -> Promises:
    """One that raises what no program should catch ends in the dead letters."""
    return _killer(run, "hard", tries=3)


def hang(run: Run) -> Promises:
    """A handler that never ends is given up after its timeout, and holds nobody else up."""
    return _killer(run, "hang=3", tries=2, timeout=0.3)


def blocked_loop(run: Run) -> Promises:
    """A handler that stops the event loop for longer than the lease loses it no event."""
    keep_relays(run, 2, acts={f"file:before:{_KEY}:{_SEQ}": "hang=3*1"}, stall=0.5, timeout=0.5)

    run.produce(ORDERS)
    run.drain()

    return USUAL


def _killer(run: Run, act: str, **told: float) -> Promises:
    keep_relays(run, 1, acts={f"table:before:{_KEY}:{_SEQ}": act}, on_dead="skip", **told)

    run.produce(ORDERS)
    run.drain()

    return USUAL._replace(dead=[_DEAD])
