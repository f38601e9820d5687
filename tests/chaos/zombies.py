"""Scenarios: a relay is stopped past its lease, and goes on as if nothing had been."""

from __future__ import annotations

from tests.chaos.actors import Actor
from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, relays, wait_for_lease


def stopped_in_its_transaction(run: Run) -> Promises:
    """It has written in its transaction when it is stopped, and commits when it goes on."""
    return _stopped_at(run, "table:inside:k1:3")


def stopped_before_its_transaction(run: Run) -> Promises:
    """It is stopped in a handler that has not asked for a transaction yet."""
    return _stopped_at(run, "table:before:k1:3")


def stopped_with_a_failure_in_hand(run: Run) -> Promises:
    """It holds a delivery that failed, and writes that down when another one has handled it."""
    return _stopped_at(run, "file:before:k1:3", fails=True)


def _stopped_at(run: Run, moment: str, *, fails: bool = False) -> Promises:
    first, second = relays(run, acts={moment: "wait=zombie*1"})

    run.produce(ORDERS)
    run.wait_for("zombie")
    _replace(run, first, second)
    run.drain()
    if fails:
        (run.folder / "zombie.fails").touch()
    run.let_go("zombie")
    first.go_on()
    _see_it_stand_by(run, first)

    return USUAL


def stopped_in_a_settlement(run: Run) -> Promises:
    """It is stopped between the last statement of its settlement and the COMMIT."""
    door = run.door()
    first = run.relay(run.told("relay-1", url=run.place.url_by(door)))
    wait_for_lease(run, "relay-1", first)
    second = run.relay(run.told("relay-2"))
    trap = door.trap(r"DELETE FROM \S*typedbus_pending")

    run.produce(ORDERS)
    trap.wait()
    _replace(run, first, second)
    run.drain()
    trap.spring("pass")
    first.go_on()
    _see_it_stand_by(run, first)

    return USUAL


def _replace(run: Run, first: Actor, second: Actor) -> None:
    first.stop()
    run.did("stop", first.name)
    wait_for_lease(run, "relay-2", second)


def _see_it_stand_by(run: Run, zombie: Actor) -> None:
    """Let *zombie* do what it will: write a little more, and wait until that is handled."""
    zombie.go_on()
    run.did("go on", zombie.name)
    run.produce(ORDERS, producers=1, pause=0.01)
    run.drain()


def stopped_and_called_back(run: Run) -> Promises:
    """It loses the lease while it has work in hand, and has it again when its successor dies."""
    first = run.relay(run.told("relay-1", acts={"file:after:k1:2": "wait=zombie*1"}))
    wait_for_lease(run, "relay-1", first)
    second = run.relay(run.told("relay-2", acts={"file:after:k1:4": "kill*1"}))

    run.produce(ORDERS)
    run.wait_for("zombie")
    first.stop()
    run.did("stop", first.name)
    run.wait_for_end(second)
    run.let_go("zombie")
    first.go_on()
    run.did("go on", first.name)
    run.drain()

    return USUAL
