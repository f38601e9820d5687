"""Scenarios: versions of the program side by side, and relays that come and go."""

from __future__ import annotations

from typing import Final

from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays

_OLD: Final = ("table", "file")
_NEW: Final = ("table", "file", "late")


def old_relay_meets_a_new_handler(run: Run) -> Promises:
    """What is owed to a handler that a relay does not know is kept for one that does."""
    [kept] = keep_relays(run, 1, handlers=_OLD)

    run.produce(ORDERS, handlers=_NEW)
    run.wait_until(lambda: run.traces.handled_in("table") > ORDERS, "the old relay has worked")
    kept.told = run.told("relay-1", handlers=_NEW)
    run.did("terminate", "relay-1")
    kept.actor.terminate()
    kept.actor.wait()
    run.produce(ORDERS, handlers=_NEW)
    run.drain()

    return USUAL


def rolling_restart(run: Run, rounds: int = 2) -> Promises:
    """Three relays are restarted one after the other under load; each time another one works."""
    kept = keep_relays(run, 3)
    producers = [
        run.producer(run.told(f"producer-{number}"), count=3 * ORDERS, seed=number, pause=0.005)
        for number in range(2)
    ]

    for _ in range(rounds):
        for each in kept:
            run.pause(0.1)
            run.did("terminate", each.told.name)
            each.actor.terminate()
            each.actor.wait()
    run.wait_for_end(*producers)
    run.drain()

    return USUAL


def five_relays_on_a_hot_key(run: Run) -> Promises:
    """Most events have one key, and whoever works is killed in the middle of it."""
    kept = keep_relays(run, 5)
    producers = [
        run.producer(run.told(f"producer-{number}"), count=ORDERS, seed=number, hot=0.7)
        for number in range(2)
    ]

    for _ in range(3):
        run.pause(0.2)
        holder = next((each for each in kept if each.actor.pid == run.traces.holder()), kept[0])
        run.did("kill", holder.told.name)
        holder.actor.kill()
    run.wait_for_end(*producers)
    run.drain()

    return USUAL
