"""Subscribing, cancelling and publishing are safe from any thread (blueprint 4, rule 6)."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.properties.classes import Fact
from tests.properties.scripts import ScriptError
from tests.properties.seeded_threads import (
    CallsTwice,
    KeepsStaleRoutes,
    Locked,
    LosesChanges,
    PassesOver,
)
from tests.properties.threads import Cancels, Publishes, at_once, calls_of_once, churn
from typedbus import AsyncBus, Bus, HandlersFailedError


@pytest.fixture(autouse=True)
def _threads_take_turns_often() -> Iterator[None]:
    """Let threads switch after nearly every step."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


class AsyncBusInThreads:
    """An `AsyncBus` whose handlers never wait, so that no thread needs an event loop."""

    def __init__(self) -> None:
        self.bus = AsyncBus(Fact)

    def subscribe(
        self, event_type: type[Any], handler: Callable[[Any], None], /, *, once: bool = False
    ) -> Cancels:
        return self.bus.subscribe(event_type, handler, once=once)

    def publish(self, event: Fact, /) -> None:
        publishing = self.bus.publish(event)
        with pytest.raises(StopIteration):
            publishing.send(None)


TRIES = 40
"""A bug that depends on the moment shows in every other run or so."""

BUSES: dict[str, Callable[[], Publishes]] = {
    "Bus": partial(Bus, Fact),
    "Bus_with_envelopes": partial(Bus, Fact, envelopes=True),
    "AsyncBus": AsyncBusInThreads,
}
buses = pytest.mark.parametrize("make", BUSES.values(), ids=BUSES)


@buses
def test_a_publish_reaches_who_was_there_all_the_time(make: Callable[[], Publishes]) -> None:
    """Who subscribed before it began and is not cancelled before it ends is called once.

    Who comes or goes meanwhile may be called, once; nobody else is; all in order.
    """
    for _ in range(5):
        assert list(churn(make())) == []


@buses
def test_once_is_once_for_all_threads(make: Callable[[], Publishes]) -> None:
    """Of several threads that publish at the same time, one calls what is for one call."""
    assert set(calls_of_once(make())) == {1}


@buses
def test_each_thread_is_told_of_its_own_failures(make: Callable[[], Publishes]) -> None:
    """What a publish raises is what its own event made fail."""
    bus = make()

    def fail(event: Fact) -> None:
        raise ScriptError(event.number)

    def publish(first: int) -> None:
        for number in range(first, first + 50):
            with pytest.raises(HandlersFailedError) as caught:
                bus.publish(Fact(number=number))
            assert [error.args for error in caught.value.exceptions] == [(number,)] * 3

    for _ in range(3):
        bus.subscribe(Fact, fail)
    at_once(*[partial(publish, 100 * thread) for thread in range(4)])


def test_a_bus_with_a_lock_is_right() -> None:
    """What the bugs below are put into is a bus."""
    assert list(churn(Locked())) == []
    assert set(calls_of_once(Locked())) == {1}


@pytest.mark.parametrize("broken", [LosesChanges, KeepsStaleRoutes, PassesOver])
def test_a_bug_between_threads_is_found(broken: type[Locked]) -> None:
    """A bus without its lock loses changes, or passes somebody over."""
    assert any(list(churn(broken())) for _ in range(TRIES))


def test_a_second_call_is_found() -> None:
    """Without its lock a bus calls twice what is for one call."""
    assert any(set(calls_of_once(CallsTwice())) != {1} for _ in range(TRIES))
