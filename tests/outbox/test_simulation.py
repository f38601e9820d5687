"""The relay under simulation: whatever happens when, nothing is lost, doubled or out of order."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.outbox.simulation import Simulation

EXAMPLES = int(os.environ.get("TYPEDBUS_SIMULATION", "100"))
"""How many histories are tried; `make chaos` tries very many, each time other ones."""


def test_whatever_happens_the_promises_hold() -> None:
    """Any actor may die, stall, be late or be cut off at any step of a random history."""
    run_state_machine_as_test(
        Simulation,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            derandomize="TYPEDBUS_SIMULATION" not in os.environ,
            database=None,
            report_multiple_bugs=False,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
