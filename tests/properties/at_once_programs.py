"""Random handlers that wait, publish and fail, on a bus that runs several of them at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeAlias

import anyio
import anyio.lowlevel
from hypothesis import strategies as st

from tests.properties.classes import Fact, Paid, Placed
from tests.properties.scripts import ScriptError
from typedbus import HandlersFailedError, Subscription
from typedbus.core.policies import OnError


class RunsAtOnce(Protocol):
    """A bus, as far as these programs use it."""

    def subscribe(
        self,
        event_type: type[Any],
        handler: Callable[[Any], Awaitable[None] | None],
        /,
        *,
        once: bool = False,
    ) -> Subscription: ...
    def subscriptions(self, event_type: type[object], /) -> tuple[Subscription, ...]: ...
    async def publish(self, event: Any, /) -> None: ...


Makes: TypeAlias = Callable[[int, OnError], RunsAtOnce]
"""Makes a bus that runs so many handlers at a time, with that policy."""


@dataclass(frozen=True)
class Plan:
    """What a handler does: it waits so many times, publishes perhaps, and fails at last."""

    event_type: type[Fact]
    waits: int
    publishes: bool
    fails: bool
    once: bool


@dataclass(frozen=True)
class Case:
    """The handlers on a bus, in order, and how many it runs at a time."""

    plans: list[Plan]
    limit: int


@dataclass
class Watched:
    """What was seen of one publish: handlers by their numbers, in the order of time."""

    event: Fact
    reached: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    begun_too_late: list[int] = field(default_factory=list)
    most_at_a_time: int = 0
    raised: Exception | None = None


class Office:
    """Handlers that follow their plans, on a bus that is watched."""

    def __init__(self, case: Case, makes: Makes, on_error: OnError) -> None:
        self.plans = case.plans
        self.bus = makes(case.limit, on_error)
        self.subscriptions = [
            self.bus.subscribe(plan.event_type, partial(self.handle, number), once=plan.once)
            for number, plan in enumerate(case.plans)
        ]
        self.watched: list[Watched] = []

    async def publish(self, event_type: type[Fact]) -> None:
        """Publish an event and watch what becomes of it."""
        watched = Watched(event_type(number=len(self.watched)))
        self.watched.append(watched)
        listed = self.bus.subscriptions(event_type)
        watched.reached = [self.subscriptions.index(each) for each in listed]
        try:
            await self.bus.publish(watched.event)
        except (ScriptError, HandlersFailedError) as error:
            watched.raised = error

    async def handle(self, number: int, event: Fact) -> None:
        """Do what the plan of that number says."""
        watched, plan = self.watched[event.number], self.plans[number]
        watched.begun.append(number)
        if watched.failed:
            watched.begun_too_late.append(number)
        running = len(watched.begun) - len(watched.ended)
        watched.most_at_a_time = max(watched.most_at_a_time, running)
        try:
            for _ in range(plan.waits):
                await anyio.lowlevel.checkpoint()
            if plan.publishes and type(event) is Placed:
                await self.publish(Paid)
            if plan.fails:
                watched.failed.append(number)
                raise ScriptError(number)
        finally:
            watched.ended.append(number)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw handlers and a limit."""
    plan = st.builds(
        Plan,
        st.sampled_from((Fact, Placed, Fact, Paid)),
        st.sampled_from((0, 1, 0, 2, 0, 3)),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    )
    return Case(draw(st.lists(plan, min_size=1, max_size=8)), draw(st.integers(2, 5)))


def watch(loop: str, case: Case, makes: Makes, on_error: OnError) -> list[Watched]:
    """Publish one event; return what was seen of it and then of those published inside of it."""
    office = Office(case, makes, on_error)
    anyio.run(office.publish, Placed, backend=loop)
    return office.watched
