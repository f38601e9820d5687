"""The machine finds what it is made to find: it fails on each bug that is put into a right bus."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties import seeded_failures as seeded
from tests.properties.by_hand import AsyncByHand, ByHand
from tests.properties.drivers import AsyncWorld, SyncWorld
from tests.properties.machine import Opens, machine_on
from tests.properties.seeded_failures import FAILURES
from tests.properties.seeded_reach import REACH

RIGHT: dict[str, Opens] = {
    "ByHand": lambda on_error: SyncWorld(ByHand(on_error)),
    "AsyncByHand": lambda on_error: AsyncWorld(AsyncByHand(on_error), "asyncio"),
}


def run(opens: Opens, name: str, examples: int) -> None:
    """Run the machine until its first failure; look for no shorter program."""
    run_state_machine_as_test(
        machine_on(opens, name),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            phases=[Phase.generate],
            derandomize=True,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


@pytest.mark.parametrize("name", RIGHT)
def test_a_bus_by_hand_is_right(name: str) -> None:
    """Without a bug, what the bugs are put into is a bus."""
    run(RIGHT[name], name, examples=10)


@pytest.mark.parametrize("name", REACH | FAILURES)
def test_a_bug_in_a_step_is_found(name: str) -> None:
    """A bug in whom a delivery reaches, or in what becomes of errors, is found."""
    steps = (REACH | FAILURES)[name]

    with pytest.raises(AssertionError):
        run(lambda on_error: SyncWorld(ByHand(on_error, steps)), name, examples=500)


@pytest.mark.parametrize("bus", [seeded.HoldsBackStops, seeded.PutsOffNested, seeded.StaysBusy])
def test_a_bug_in_a_publish_is_found(bus: type[ByHand]) -> None:
    """A bug in how publishes stand inside of each other is found."""
    with pytest.raises(AssertionError):
        run(lambda on_error: SyncWorld(bus(on_error)), bus.__name__, examples=500)


@pytest.mark.parametrize(
    "bus", [seeded.ForgetsReturned, seeded.LosesSyncErrors, seeded.AwaitsLater]
)
def test_a_bug_in_awaiting_is_found(bus: type[AsyncByHand]) -> None:
    """A bug in what is awaited, and when, is found."""
    with pytest.raises(AssertionError):
        run(lambda on_error: AsyncWorld(bus(on_error), "asyncio"), bus.__name__, examples=500)
