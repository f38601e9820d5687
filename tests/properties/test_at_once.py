"""AsyncBus(concurrency=n): n handlers of one event run at a time, and no rule is bent for it."""

from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import Phase, find, given, settings

from tests.properties.at_once_programs import Case, Makes, cases, watch
from tests.properties.classes import Fact
from tests.properties.scripts import ScriptError
from tests.properties.seeded_at_once import (
    AtOnce,
    BeginsWithTheLast,
    GoesOn,
    TakesOneByOne,
    TakesOneMore,
    TellsTheFirst,
)
from typedbus import AsyncBus, HandlersFailedError

Check: TypeAlias = Callable[[str, Case, Makes], None]
"""Fails if a bus does not keep a rule on that loop."""


def check_order(loop: str, case: Case, makes: Makes) -> None:
    """Each handler begins in the order of subscription, and the publish waits for its end."""
    watched = watch(loop, case, makes, "collect")

    for each in watched:
        lasting = [number for number in each.reached if not case.plans[number].once]
        assert [number for number in each.begun if not case.plans[number].once] == lasting
        assert each.begun == sorted(each.begun)
        assert sorted(each.ended) == each.begun
    calls = Counter(number for each in watched for number in each.begun)
    for number, plan in enumerate(case.plans):
        if plan.once:
            assert calls[number] == any(number in each.reached for each in watched)


def check_limit(loop: str, case: Case, makes: Makes) -> None:
    """As many handlers of one event run at a time as the limit allows, and no more."""
    for each in watch(loop, case, makes, "collect"):
        plans = [case.plans[number] for number in each.begun]
        assert each.most_at_a_time <= case.limit
        if all(plan.waits and not plan.publishes for plan in plans):
            assert each.most_at_a_time == min(case.limit, len(plans))


def check_collect(loop: str, case: Case, makes: Makes) -> None:
    """Each error is in the group once, whoever was first."""
    for each in watch(loop, case, makes, "collect"):
        errors = each.raised.exceptions if isinstance(each.raised, HandlersFailedError) else ()
        assert sorted(error.args for error in errors) == sorted((number,) for number in each.failed)


def check_raise(loop: str, case: Case, makes: Makes) -> None:
    """After the first error no handler begins, those that run are ended, and it is raised."""
    outer, *_ = watch(loop, case, makes, "raise")

    assert sorted(outer.ended) == sorted(outer.begun)
    assert not outer.begun_too_late
    if outer.failed:
        assert isinstance(outer.raised, ScriptError)
        assert outer.raised.args == (outer.failed[0],)


CHECKS = [check_order, check_limit, check_collect, check_raise]
SEEDED = [
    (check_order, BeginsWithTheLast),
    (check_limit, TakesOneMore),
    (check_limit, TakesOneByOne),
    (check_collect, TellsTheFirst),
    (check_raise, GoesOn),
]
half = settings(max_examples=settings().max_examples // 2, deadline=None)
few = settings(max_examples=settings().max_examples // 10, deadline=None)
search = settings(
    max_examples=500, phases=[Phase.generate], derandomize=True, database=None, deadline=None
)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("check", CHECKS)
@given(case=cases())
@half
def test_a_rule_holds_for_handlers_that_run_at_once(check: Check, loop: str, case: Case) -> None:
    """Handlers begin in order, as many as allowed run, and what they raise is told."""
    check(loop, case, lambda limit, on_error: AsyncBus(Fact, concurrency=limit, on_error=on_error))


@pytest.mark.parametrize("check", CHECKS)
@given(case=cases())
@few
def test_a_bus_by_hand_keeps_the_rules(check: Check, case: Case) -> None:
    """Without a bug, what the bugs below are put into is a bus."""
    check("trio", case, AtOnce)


@pytest.mark.parametrize(("check", "broken"), SEEDED)
def test_each_rule_finds_who_breaks_it(check: Check, broken: type[AtOnce]) -> None:
    """For each bug there are handlers by which it shows."""

    def shows(case: Case) -> bool:
        try:
            check("asyncio", case, broken)
        except AssertionError:
            return True
        return False

    find(cases(), shows, settings=search)
