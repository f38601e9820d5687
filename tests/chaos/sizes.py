"""Scenarios: much, and large."""

from __future__ import annotations

from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import USUAL, keep_relays


def large_payload(run: Run) -> Promises:
    """Events of 10 MB are handled like others, and a relay that dies with one is no harm."""
    keep_relays(run, 2, acts={"table:inside:k0:2": "kill*1"})

    producer = run.producer(run.told("producer"), count=4, keys=1, padding=10_000_000, seed=1)
    run.wait_for_end(producer)
    run.drain()

    return USUAL
