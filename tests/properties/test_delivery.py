"""Delivery keeps the rules 1 to 3 of the blueprint, whatever the program does."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.classes import Fact
from tests.properties.drivers import AsyncWorld, SyncWorld
from tests.properties.machine import Opens, machine_on
from typedbus import AsyncBus, Bus

WORLDS: dict[str, Opens] = {
    "Bus": lambda on_error: SyncWorld(Bus(Fact, on_error=on_error)),
    "Bus_with_envelopes": lambda on_error: SyncWorld(Bus(Fact, on_error=on_error, envelopes=True)),
    "AsyncBus_on_asyncio": lambda on_error: AsyncWorld(
        AsyncBus(Fact, on_error=on_error), "asyncio"
    ),
    "AsyncBus_on_trio": lambda on_error: AsyncWorld(AsyncBus(Fact, on_error=on_error), "trio"),
    "AsyncBus_with_envelopes": lambda on_error: AsyncWorld(
        AsyncBus(Fact, on_error=on_error, envelopes=True), "asyncio"
    ),
}

FEWER = settings(max_examples=settings().max_examples // 5, stateful_step_count=25, deadline=None)
"""A fifth of the usual examples: each is a program of many steps."""


@pytest.mark.parametrize("world", WORLDS)
def test_a_bus_does_what_the_model_does(world: str) -> None:
    """An event reaches each subscription to its class and its base classes once, in order.

    A change is seen by the next publish, a publish in a handler runs to its end first, and what
    handlers raise is told as the policies say, with none of it lost.
    """
    run_state_machine_as_test(machine_on(WORLDS[world], world), settings=FEWER)
