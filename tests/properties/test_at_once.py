"""AsyncBus(concurrency=n): n handlers of one event run at a time, and no rule is bent for it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.classes import Fact, Paid, Placed
from tests.properties.scripts import ScriptError
from typedbus import AsyncBus, HandlersFailedError
from typedbus.core.policies import OnError


@dataclass(frozen=True)
class Plan:
    """What a handler does: it waits so many times, publishes inside of that, fails at last."""

    event_type: type[Fact]
    waits: int
    publishes: bool
    fails: bool
    once: bool


PLANS = st.lists(
    st.builds(
        Plan,
        st.sampled_from((Fact, Placed, Paid)),
        st.integers(0, 3),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=8,
)
LIMITS = st.integers(2, 5)
few = settings(max_examples=settings().max_examples // 3, deadline=None)
loops = pytest.mark.parametrize("loop", ["asyncio", "trio"])


@dataclass
class Watched:
    """What was seen of one publish."""

    event: Fact
    reached: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    begun_too_late: list[int] = field(default_factory=list)
    most_at_a_time: int = 0
    raised: Exception | None = None


class Program:
    """Handlers that follow their plans, on a bus that is watched."""

    def __init__(self, plans: list[Plan], limit: int, on_error: OnError) -> None:
        self.plans = plans
        self.bus = AsyncBus(Fact, concurrency=limit, on_error=on_error)
        self.subscriptions = [
            self.bus.subscribe(plan.event_type, partial(self.handle, number), once=plan.once)
            for number, plan in enumerate(plans)
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


def watch(loop: str, plans: list[Plan], limit: int, on_error: OnError) -> list[Watched]:
    """Publish one event and return what was seen of it and of those published inside of it."""
    program = Program(plans, limit, on_error)
    anyio.run(program.publish, Placed, backend=loop)
    return program.watched


@loops
@given(plans=PLANS, limit=LIMITS)
@few
def test_handlers_begin_in_order(loop: str, plans: list[Plan], limit: int) -> None:
    """Each handler begins in the order of subscription, and the publish waits for its end."""
    watched = watch(loop, plans, limit, "collect")

    for each in watched:
        lasting = [number for number in each.reached if not plans[number].once]
        assert [number for number in each.begun if not plans[number].once] == lasting
        assert each.begun == sorted(each.begun)
        assert sorted(each.ended) == each.begun
    calls = Counter(number for each in watched for number in each.begun)
    for number, plan in enumerate(plans):
        if plan.once:
            assert calls[number] == any(number in each.reached for each in watched)


@loops
@given(plans=PLANS, limit=LIMITS)
@few
def test_no_more_run_at_a_time_than_allowed(loop: str, plans: list[Plan], limit: int) -> None:
    """As many handlers run at a time as the limit allows, and no more; one publish is not all."""
    for each in watch(loop, plans, limit, "collect"):
        assert each.most_at_a_time <= limit
        if all(plans[number].waits and not plans[number].publishes for number in each.begun):
            assert each.most_at_a_time == min(limit, len(each.begun))


@loops
@given(plans=PLANS, limit=LIMITS)
@few
def test_every_failure_is_told(loop: str, plans: list[Plan], limit: int) -> None:
    """Each error is in the group once, whoever was first."""
    for each in watch(loop, plans, limit, "collect"):
        errors = each.raised.exceptions if isinstance(each.raised, HandlersFailedError) else ()
        assert sorted(error.args for error in errors) == sorted((number,) for number in each.failed)


@loops
@given(plans=PLANS, limit=LIMITS)
@few
def test_raise_tells_the_first_plainly(loop: str, plans: list[Plan], limit: int) -> None:
    """After the first error no handler begins, those that run are ended, and it is raised."""
    outer, *_ = watch(loop, plans, limit, "raise")

    assert sorted(outer.ended) == sorted(outer.begun)
    assert not outer.begun_too_late
    if outer.failed:
        assert isinstance(outer.raised, ScriptError)
        assert outer.raised.args == (outer.failed[0],)
