"""Threads that subscribe, cancel and publish at once, and what they must have seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations, count
from threading import Barrier
from typing import Any, Protocol

from tests.properties.classes import PUBLISHED, SUBSCRIBED, Fact

PUBLISHES = 150
"""How often each publishing thread publishes."""
LIVES = 300
"""How many subscriptions each subscribing thread makes at most, while there are publishes."""
KEPT = 4
"""How many of them it keeps at a time."""


class Cancels(Protocol):
    """A subscription."""

    def cancel(self) -> None: ...


class Publishes(Protocol):
    """A bus, as far as the threads use it."""

    def subscribe(
        self, event_type: type[Any], handler: Callable[[Any], None], /, *, once: bool = False
    ) -> Cancels: ...
    def publish(self, event: Any, /) -> None: ...


@dataclass(eq=False)
class Life:
    """A subscription: when subscribing and cancelling began and ended."""

    event_type: type
    begins: int
    begun: int = -1
    ends: int | None = None
    ended: int | None = None


@dataclass
class Publication:
    """A publish: when it began and ended, and whom it reached."""

    event: Fact
    begins: int
    ended: int = -1
    reached: list[Life] = field(default_factory=list)


class Churn:
    """Subscriptions that come and go while events are published."""

    def __init__(self, bus: Publishes) -> None:
        self.bus = bus
        self.lives: list[Life] = []
        self.publications: dict[int, Publication] = {}
        self.numbers = count()
        self.clock = count()

    def publish_some(self) -> None:
        """Publish one class after the other."""
        for turn in range(PUBLISHES):
            self.publish(PUBLISHED[turn % len(PUBLISHED)])

    def subscribe_some(self) -> None:
        """Subscribe to one class after the other; keep the last few subscriptions."""
        kept: list[tuple[Life, Cancels]] = []
        for turn in range(LIVES):
            if len(self.publications) >= 2 * PUBLISHES:
                break
            kept.append(self.subscribe(SUBSCRIBED[turn % len(SUBSCRIBED)]))
            if len(kept) > KEPT:
                self.cancel(*kept.pop(turn % KEPT))

    def publish(self, event_type: type[Fact]) -> None:
        """Publish an event of that class."""
        event = event_type(number=next(self.numbers))
        publication = Publication(event, next(self.clock))
        self.publications[event.number] = publication
        self.bus.publish(event)
        publication.ended = next(self.clock)

    def subscribe(self, event_type: type) -> tuple[Life, Cancels]:
        """Subscribe a handler that writes down what reaches it."""

        def handler(event: Fact) -> None:
            self.publications[event.number].reached.append(life)

        life = Life(event_type, next(self.clock))
        subscription = self.bus.subscribe(event_type, handler)
        life.begun = next(self.clock)
        self.lives.append(life)
        return life, subscription

    def cancel(self, life: Life, subscription: Cancels) -> None:
        """Cancel a subscription."""
        life.ends = next(self.clock)
        subscription.cancel()
        life.ended = next(self.clock)

    def complaints(self) -> Iterator[str]:
        """Tell what was called too often or not often enough, or in the wrong order."""
        for publication in self.publications.values():
            reached = publication.reached
            for life in self.lives:
                if reached.count(life) not in allowed(publication, life):
                    yield f"{publication.event} called {reached.count(life)} times: {life}"
            for one, other in combinations(reached, 2):
                if other.begun < one.begins:
                    yield f"{publication.event} called {one} before {other}"


def allowed(publication: Publication, life: Life) -> Sequence[int]:
    """Return how often the publish may have called the handler."""
    if not isinstance(publication.event, life.event_type):
        return (0,)
    if life.begins > publication.ended or (life.ended or publication.ended) < publication.begins:
        return (0,)
    if life.begun < publication.begins and (life.ends or publication.ended) >= publication.ended:
        return (1,)
    return (0, 1)


def at_once(*jobs: Callable[[], None]) -> None:
    """Run each job in a thread of its own, all from the same moment; raise what one raises."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        start.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(run, job) for job in jobs]:
            done.result()


def churn(bus: Publishes) -> Iterator[str]:
    """Let four threads work on *bus* at once, then tell what was wrong."""
    churning = Churn(bus)
    at_once(*2 * (churning.publish_some, churning.subscribe_some))
    for event_type in PUBLISHED:  # now nothing changes any more, so each must be reached
        churning.publish(event_type)
    return churning.complaints()


def calls_of_once(bus: Publishes) -> list[int]:
    """Publish in four threads at once; return how often each handler for one call was called."""
    calls: list[list[Fact]] = [[] for _ in range(60)]
    for each in calls:
        bus.subscribe(Fact, each.append, once=True)
    at_once(*[partial(bus.publish, Fact(number=number)) for number in range(4)])
    return [len(each) for each in calls]
