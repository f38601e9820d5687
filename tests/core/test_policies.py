"""What happens when handlers fail; the same however the bus delivers."""

import logging

import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import (
    DeclinedError,
    EndError,
    LostError,
    ShopEvent,
    UserCreated,
    decline,
    failing,
    noting,
)
from typedbus import Decision, Failure, HandlersFailedError, errors


def test_collect_is_the_default_and_runs_every_handler(make_bus: MakeBus) -> None:
    """All handlers run in order; then one group holds what they raised, in order."""
    bus, calls = make_bus(), list[str]()
    declined, lost = DeclinedError(), LostError()
    bus.subscribe(UserCreated, noting(calls, "first"))
    bus.subscribe(UserCreated, failing(declined))
    bus.subscribe(UserCreated, noting(calls, "between"))
    bus.subscribe(UserCreated, failing(lost))
    bus.subscribe(UserCreated, noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert failed.value.exceptions == (declined, lost)
    assert calls == ["first", "between", "last"]


def test_a_first_handler_that_fails_alone_is_collected(make_bus: MakeBus) -> None:
    """One failure is a group too, so that whoever catches it need not look twice."""
    bus, error = make_bus(on_error="collect"), DeclinedError()
    bus.subscribe(UserCreated, failing(error))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert failed.value.exceptions == (error,)


def test_raise_stops_at_the_first_and_raises_it_plainly(make_bus: MakeBus) -> None:
    """As a plain call would: the very error, no later handler."""
    bus, calls, error = make_bus(on_error="raise"), list[str](), DeclinedError()
    bus.subscribe(UserCreated, noting(calls, "first"))
    bus.subscribe(UserCreated, failing(error))
    # More than one, or a bus that runs two at a time had begun all of them.
    for _ in range(3):
        bus.subscribe(ShopEvent, failing(EndError()))

    with pytest.raises(DeclinedError) as raised:
        publish(bus, UserCreated())

    assert raised.value is error
    assert calls == ["first"]


def test_log_goes_on_and_logs_with_the_traceback(
    make_bus: MakeBus, caplog: pytest.LogCaptureFixture
) -> None:
    """An error record of the logger "typedbus" names handler and event; publish returns."""
    bus, calls, error = make_bus(on_error="log"), list[str](), DeclinedError()
    bus.subscribe(UserCreated, failing(error))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    publish(bus, UserCreated())

    (record,) = [record for record in caplog.records if record.name == "typedbus"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[1] is error
    assert "failing.<locals>.fail" in record.getMessage()
    assert "UserCreated" in record.getMessage()
    assert calls == ["behind"]


def test_a_policy_of_ones_own_sees_the_failure(make_bus: MakeBus) -> None:
    """It is given the event, the error and the subscription."""
    seen = list[Failure]()

    def ignore(failure: Failure) -> Decision:
        seen.append(failure)
        return Decision.IGNORE

    bus, error, event = make_bus(on_error=ignore), DeclinedError(), UserCreated()
    subscription = bus.subscribe(ShopEvent, failing(error))

    publish(bus, event)

    assert seen == [Failure(event, error, subscription)]


@pytest.mark.parametrize(
    ("decision", "raised"),
    [
        (Decision.COLLECT, HandlersFailedError),
        (Decision.RAISE, DeclinedError),
        (Decision.LOG, None),
        (Decision.IGNORE, None),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Decision) else "",
)
def test_the_loop_does_what_a_policy_decides(
    make_bus: MakeBus,
    caplog: pytest.LogCaptureFixture,
    decision: Decision,
    raised: type[Exception] | None,
) -> None:
    """Collect and go on, raise and stop, log and go on, or go on and say nothing."""
    bus, calls = make_bus(on_error=lambda failure: decision), list[str]()
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, noting(calls, "behind"))
    caught: BaseException | None = None

    try:
        publish(bus, UserCreated())
    except Exception as error:  # noqa: BLE001 - looked at below
        caught = error

    assert type(caught) is (raised or type(None))
    assert [r.name for r in caplog.records if r.name == "typedbus"] == (
        ["typedbus"] if decision is Decision.LOG else []
    )
    if decision is not Decision.RAISE:
        assert calls == ["behind"]


def test_a_subscription_may_have_a_policy_of_its_own(make_bus: MakeBus) -> None:
    """It decides for this handler alone; the bus decides for the others."""
    bus, error = make_bus(on_error="collect"), LostError()
    bus.subscribe(UserCreated, decline, on_error=lambda failure: Decision.IGNORE)
    bus.subscribe(UserCreated, failing(error))
    bus.on(UserCreated, on_error="log")(decline)

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert failed.value.exceptions == (error,)


def test_what_was_collected_before_a_raise_is_raised_with_it(make_bus: MakeBus) -> None:
    """Nothing that was collected is lost when a later failure stops the delivery."""
    bus, declined, lost = make_bus(), DeclinedError(), LostError()
    bus.subscribe(UserCreated, failing(declined))
    bus.subscribe(UserCreated, failing(lost), on_error="raise")
    for _ in range(3):
        bus.subscribe(ShopEvent, failing(EndError()))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert failed.value.exceptions == (declined, lost)


def test_a_policy_that_raises_hides_no_failure(make_bus: MakeBus) -> None:
    """Its own error and the handler's are both in the group, and the others run."""
    own, error = LostError(), DeclinedError()

    def policy(failure: Failure) -> Decision:
        raise own

    bus, calls = make_bus(on_error=policy), list[str]()
    bus.subscribe(UserCreated, failing(error))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert set(failed.value.exceptions) == {own, error}
    assert calls == ["behind"]


@pytest.mark.parametrize("answer", [None, "collect", True], ids=["nothing", "text", "bool"])
def test_a_policy_that_answers_nonsense_hides_no_failure(make_bus: MakeBus, answer: object) -> None:
    """What is no decision is an error that names the policy, beside the handler's."""

    def policy(failure: Failure) -> object:
        return answer

    bus, calls, error = make_bus(on_error=policy), list[str](), DeclinedError()
    bus.subscribe(UserCreated, failing(error))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    mistakes, others = failed.value.split(errors.PolicyError)
    assert mistakes is not None
    assert others is not None
    (mistake,) = mistakes.exceptions
    assert isinstance(mistake, errors.PolicyError)
    assert mistake.policy.endswith("policy")
    assert mistake.answer == repr(answer)
    assert others.exceptions == (error,)
    assert calls == ["behind"]


@pytest.mark.parametrize("stop", [EndError(), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_what_is_no_exception_is_never_held_back(make_bus: MakeBus, stop: BaseException) -> None:
    """It passes at once, whatever the policy, and no later handler is called."""
    judged = list[Failure]()

    def policy(failure: Failure) -> Decision:
        judged.append(failure)
        return Decision.IGNORE

    bus, calls = make_bus(on_error=policy), list[str]()
    bus.subscribe(UserCreated, failing(stop))
    for _ in range(3):
        bus.subscribe(UserCreated, failing(stop))
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(type(stop)) as raised:
        publish(bus, UserCreated())

    assert raised.value is stop
    assert (judged, calls) == ([], [])


def test_what_is_no_exception_tells_what_had_failed_before(make_bus: MakeBus) -> None:
    """Failures collected so far are not raised then; notes on what is raised name them."""
    bus, stop = make_bus(), EndError()
    bus.subscribe(UserCreated, failing(DeclinedError("no")))
    bus.subscribe(UserCreated, failing(LostError("gone")))
    bus.subscribe(UserCreated, failing(stop))

    with pytest.raises(EndError) as raised:
        publish(bus, UserCreated())

    notes = "\n".join(raised.value.__notes__)
    assert "DeclinedError('no')" in notes
    assert "LostError('gone')" in notes
    assert "failing.<locals>.fail failed on tests.core.shop.UserCreated" in notes
