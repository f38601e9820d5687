"""A garbage collection may come at any line, and with it the cancelling of a subscription."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.properties.classes import Fact
from typedbus import Bus


class Owner:
    """Cancels its subscription when it is collected; it refers to itself, so only then."""

    def __init__(self, bus: Bus[Fact], handler: Callable[[Fact], None]) -> None:
        self.itself = self
        self.subscription = bus.subscribe(Fact, handler)

    def __del__(self) -> None:
        self.subscription.cancel()


@pytest.fixture(autouse=True)
def _collected_when_told() -> Iterator[None]:
    """Collect no garbage but where a test says so, and only what it makes."""
    threshold = gc.get_threshold()
    gc.disable()
    gc.freeze()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


@contextmanager
def collected_after(objects: int) -> Iterator[None]:
    """Let garbage be collected when so many more objects were made, and at the end."""
    gc.set_threshold(gc.get_count()[0] + objects)
    gc.enable()
    yield
    gc.disable()
    gc.collect()


@pytest.mark.parametrize("objects", range(40))
def test_a_cancel_in_the_middle_of_a_publish_is_seen_by_the_next(objects: int) -> None:
    """Wherever the first publish is interrupted, the second does not call what was cancelled."""
    bus = Bus(Fact)
    received: list[Fact] = []
    Owner(bus, received.append)

    with collected_after(objects):
        bus.publish(Fact(number=1))
    bus.publish(Fact(number=2))

    assert bus.subscriptions(Fact) == ()
    assert Fact(number=2) not in received
