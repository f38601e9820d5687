"""Scenarios: processes are killed at a moment that matters."""

from __future__ import annotations

import random

from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays, relays


def killed_in_its_transaction(run: Run) -> Promises:
    """A relay is killed while a handler has written and not committed."""
    keep_relays(run, acts={"table:inside:k1:3": "kill*1"})

    run.produce(ORDERS)
    run.drain()

    return USUAL


def killed_after_the_effect(run: Run) -> Promises:
    """A relay is killed after it told somebody outside, before it could write that down."""
    keep_relays(run, acts={"file:after:k1:3": "kill*1"})

    run.produce(ORDERS)
    run.drain()

    return USUAL


def killed_before_the_settlement(run: Run) -> Promises:
    """A relay is killed when effects are committed and its settlement is not."""
    door = run.door()
    first = run.relay(run.told("relay-1", url=run.place.url_by(door)))
    trap = door.trap(r"DELETE FROM \S*typedbus_pending")

    run.produce(ORDERS)
    trap.wait()
    first.kill()
    run.did("kill", first.name)
    trap.spring("lose it")
    keep_relays(run, 1)
    run.drain()

    return USUAL


def killed_before_a_retry_is_written(run: Run) -> Promises:
    """A relay is killed when it was about to write that something is to be tried again."""
    door = run.door()
    first = run.relay(run.told("relay-1", url=run.place.url_by(door)))
    trap = door.trap(r"INSERT INTO \S*typedbus_delivery")

    run.produce(ORDERS)
    trap.wait()
    first.kill()
    run.did("kill", first.name)
    trap.spring("lose it")
    keep_relays(run, 1)
    run.drain()

    return USUAL


def told_to_end_in_a_batch(run: Run) -> Promises:
    """SIGTERM while it works: it ends what it has begun, and another one goes on at once."""
    first, _ = relays(run, acts={"table:before:k1:3": "wait=batch*1"}, handlers=("table", "file"))

    run.produce(ORDERS, handlers=("table", "file"))
    run.wait_for("batch")
    first.terminate()
    run.did("terminate", first.name)
    run.let_go("batch")
    code = first.wait()
    run.drain()

    assert code == 0, first.last_words()
    return USUAL


def killed_at_random(run: Run, seed: int = 1, kills: int = 6) -> Promises:
    """Relays and producers are killed under load, whenever it comes."""
    chance = random.Random(seed)
    kept = keep_relays(run, 2)
    producers = []
    for number in range(kills):
        producers.append(
            run.producer(run.told(f"producer-{number}"), count=ORDERS, seed=number, pause=0.005)
        )
        run.pause(chance.uniform(0.1, 0.4))
        victim = chance.choice([*(each.actor for each in kept), *producers])
        run.did("kill", victim.name)
        victim.kill()
    run.wait_for_end(*producers)
    run.drain()

    return USUAL
