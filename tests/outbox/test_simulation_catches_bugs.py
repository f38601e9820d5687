"""The simulation finds what it is made to find: it fails on each bug put into a right outbox."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.outbox.seeded_relays import SEEDS, simulation_with

# These need hundreds of histories each: minutes, that only `make chaos` has.
RARE = {
    "a line goes on before its trouble is written",
    "a settlement is dropped when the store is away",
    "failures are not counted",
    "late ones pass what is pending",
    "late units do not look at the inbox",
    "nothing is suspected",
    "the deadline is not heeded",
    "the fence is off",
    "units have no fence",
    "what is away counts as done",
    "what is over is put again",
}
SHOWN = SEEDS if "TYPEDBUS_SIMULATION" in os.environ else SEEDS.keys() - RARE


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_bug_is_found(name: str) -> None:
    """Each bug breaks an invariant in some history."""
    with simulation_with(SEEDS[name]) as simulation, pytest.raises(AssertionError):
        run_state_machine_as_test(
            simulation,
            settings=settings(
                max_examples=1000,
                stateful_step_count=30,
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                deadline=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
