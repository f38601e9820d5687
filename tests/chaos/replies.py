"""Scenarios: the database commits, and the answer is lost on its way."""

from __future__ import annotations

from tests.chaos.checker import Promises
from tests.chaos.proxy import Fate
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays


def producer_never_hears_of_its_commit(run: Run) -> Promises:
    """A producer asks again with the id of its request, and does not publish twice."""
    door = run.door()
    trap = door.trap("INSERT INTO chaos_order", "lose the reply")
    keep_relays(run, 1)

    producer = run.producer(run.told("producer", url=run.place.url_by(door)), count=ORDERS)
    trap.wait_until_sprung()
    run.did("COMMIT: lose the reply", "a door")
    producer.wait()
    run.drain()

    assert "had been committed" in producer.last_words()
    return USUAL


def commit_of_a_producer_never_arrives(run: Run) -> Promises:
    """Nothing is committed, and nothing is published; the producer asks again."""
    door = run.door()
    trap = door.trap("INSERT INTO chaos_order", "lose it")
    keep_relays(run, 1)

    producer = run.producer(run.told("producer", url=run.place.url_by(door)), count=ORDERS)
    trap.wait_until_sprung()
    run.did("COMMIT: lose it", "a door")
    producer.wait()
    run.drain()

    return USUAL


def relay_never_hears_of_a_settlement(run: Run) -> Promises:
    """The settlement is written down, though its relay cannot know."""
    return _lost(run, r"DELETE FROM \S*typedbus_pending", "lose the reply")


def settlement_never_arrives(run: Run) -> Promises:
    """The settlement is not written down, and its relay cannot know either."""
    return _lost(run, r"DELETE FROM \S*typedbus_pending", "lose it")


def handler_never_hears_of_its_commit(run: Run) -> Promises:
    """The effects are kept, and the relay must not think that the handler failed."""
    return _lost(run, "INSERT INTO chaos_effect", "lose the reply")


def commit_of_a_handler_never_arrives(run: Run) -> Promises:
    """The effects are not kept, and the relay must not think that the handler is done."""
    return _lost(run, "INSERT INTO chaos_effect", "lose it")


def relay_never_hears_of_a_retry(run: Run) -> Promises:
    """What is to be tried again is written down, though its relay cannot know."""
    return _lost(run, r"INSERT INTO \S*typedbus_delivery", "lose the reply")


def _lost(run: Run, pattern: str, fate: Fate) -> Promises:
    door = run.door()
    trap = door.trap(pattern, fate)
    run.keep_relay(run.told("relay-1", url=run.place.url_by(door)))

    run.produce(ORDERS)
    trap.wait_until_sprung()
    run.did(f"COMMIT: {fate}", "a door")
    run.drain()

    return USUAL
