"""collect: what happens when released handlers fail."""

from contextlib import suppress
from contextvars import copy_context

import pytest

from tests.core.shop import (
    DeclinedError,
    EndError,
    LostError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    failing,
    noting,
)
from typedbus import Bus, Decision, Failure, HandlersFailedError, collect, collected, errors


def test_released_handlers_are_isolated_from_each_other() -> None:
    """One that fails keeps no other from running; one group then names the failures."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(decline)
    bus.on(UserCreated, via=collected)(noting(calls, "between"))
    bus.on(UserCreated, via=collected)(failing(LostError()))
    bus.on(UserCreated, via=collected)(noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed, collect():
        bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError, LostError]
    assert failed.value.exceptions[0].__notes__ == [
        "tests.core.shop.decline failed on tests.core.shop.UserCreated"
    ]
    assert [error.__context__ for error in failed.value.exceptions] == [None, None]
    assert calls == ["between", "last"]


def test_a_scope_may_have_a_policy() -> None:
    """It decides for the handlers that are released; that of a subscription comes first."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(decline)
    bus.on(UserCreated, via=collected, on_error="raise")(failing(LostError()))
    bus.on(UserCreated, via=collected)(noting(calls, "never"))

    with pytest.raises(LostError), collect(on_error=lambda failure: Decision.IGNORE):
        bus.publish(UserCreated())

    assert calls == []


def test_without_a_policy_of_its_own_a_scope_leaves_failures_to_the_bus() -> None:
    """Each bus decides for its handlers, also where one scope releases for several."""
    judged = list[str]()

    def bus_judged_by(name: str) -> Bus[ShopEvent]:
        def judge(failure: Failure) -> Decision:
            judged.append(name)
            return Decision.IGNORE

        bus = Bus(ShopEvent, on_error=judge)
        bus.on(UserCreated, via=collected)(decline)
        return bus

    one, other = bus_judged_by("one"), bus_judged_by("other")

    with collect():
        one.publish(UserCreated())
        other.publish(UserCreated())

    assert judged == ["one", "other"]


def test_a_release_that_stops_names_what_it_left() -> None:
    """What was not released is a note on the error that stopped it."""
    bus = Bus(ShopEvent)
    bus.on(UserCreated, via=collected)(decline)
    bus.on(UserCreated, via=collected)(noting([], "left"))

    with pytest.raises(DeclinedError) as raised, collect(on_error="raise"):
        bus.publish(UserCreated())

    (note,) = raised.value.__notes__
    assert "noting.<locals>.note on tests.core.shop.UserCreated" in note


@pytest.mark.parametrize("stop", [DeclinedError(), EndError()], ids=["raise", "no exception"])
def test_a_scope_whose_release_stopped_collects_nothing_more(stop: BaseException) -> None:
    """A publish that comes late, from code that outlived the scope, is not lost in it."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(failing(stop))
    bus.on(UserCreated, via=collected)(noting(calls, "left"))
    bus.on(OrderPlaced, via=collected)(noting(calls, "late"))

    with suppress(type(stop)), collect(on_error="raise") as pending:
        outliving = copy_context()
        bus.publish(UserCreated())
    outliving.run(bus.publish, OrderPlaced())

    assert not pending.open
    assert calls == ["late"]


def test_what_is_no_exception_ends_the_release_at_once() -> None:
    """It is never held back; a note tells what had failed before."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(failing(DeclinedError("no")))
    bus.on(UserCreated, via=collected)(failing(EndError()))
    bus.on(UserCreated, via=collected)(noting(calls, "never"))

    with pytest.raises(EndError) as raised, collect():
        bus.publish(UserCreated())

    assert "DeclinedError('no')" in "\n".join(raised.value.__notes__)
    assert calls == []


def test_a_policy_that_is_none_is_refused_where_the_scope_is_opened() -> None:
    """Not on the way out, where it would hide what happened inside."""
    with pytest.raises(errors.PolicyError):
        collect(on_error="nonsense")  # type: ignore[arg-type]  # the mistake under test
