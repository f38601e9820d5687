"""What is raised when handlers failed: a group that names, and errors that stay themselves."""

import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from traceback import extract_tb

import pytest

from tests.core.buses import MakeBus, awaited, plain, publish
from tests.core.shop import (
    DeclinedError,
    LostError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    failing,
    noting,
)
from typedbus import AsyncBus, Bus, Decision, Failure, HandlersFailedError


def raised_by(do: Callable[[], object]) -> HandlersFailedError:
    """Return the group that *do* raises."""
    with pytest.raises(HandlersFailedError) as failed:
        do()
    return failed.value


def test_a_later_error_does_not_claim_to_come_of_an_earlier_one(make_bus: MakeBus) -> None:
    """Neither the handlers' errors nor the group have a context: they are not each other's."""
    bus = make_bus()
    for _ in range(3):
        bus.subscribe(UserCreated, decline)

    failed = raised_by(lambda: publish(bus, UserCreated()))

    for error in (failed, *failed.exceptions):
        assert (error.__context__, error.__cause__) == (None, None)


def test_an_error_keeps_the_cause_that_its_handler_gave_it(make_bus: MakeBus) -> None:
    """What a handler chains stays chained."""
    bus, cause = make_bus(), LostError()

    def chain(event: UserCreated) -> None:
        raise DeclinedError from cause

    bus.subscribe(UserCreated, chain)

    failed = raised_by(lambda: publish(bus, UserCreated()))

    assert failed.exceptions[0].__cause__ is cause


@pytest.mark.parametrize("on_error", ["collect", "raise"])
def test_the_traceback_of_an_error_ends_in_the_handler(make_bus: MakeBus, on_error: str) -> None:
    """The last frame is the handler's, and it is in the traceback once."""
    bus = make_bus(on_error=on_error)
    bus.subscribe(UserCreated, decline)

    with pytest.raises((HandlersFailedError, DeclinedError)) as raised:
        publish(bus, UserCreated())

    error = raised.value
    first = error.exceptions[0] if isinstance(error, HandlersFailedError) else error
    functions = [frame.name for frame in extract_tb(first.__traceback__)]
    assert functions[-1] == "decline"
    assert functions.count("decline") == 1


def test_the_group_names_each_handler_event_and_subscription(make_bus: MakeBus) -> None:
    """Its message, and a note on each error, say which handler failed on which event."""
    bus = make_bus()
    bus.subscribe(UserCreated, decline)
    bus.subscribe(ShopEvent, failing(LostError("gone")))

    failed = raised_by(lambda: publish(bus, UserCreated()))

    first = "tests.core.shop.decline failed on tests.core.shop.UserCreated"
    second = "failing.<locals>.fail (subscribed to tests.core.shop.ShopEvent) failed on"
    assert first in str(failed)
    assert second in str(failed)
    assert "LostError('gone')" in str(failed)
    (one,), (other,) = (error.__notes__ for error in failed.exceptions)
    assert one == first
    assert second in other


def test_a_handler_subscribed_twice_fails_for_the_subscription_it_was_called_for(
    make_bus: MakeBus,
) -> None:
    """The group names that one, and the delivery goes on behind it: nobody is called twice."""
    bus, calls = make_bus(), list[str]()

    def fail_the_second_time(event: ShopEvent) -> None:
        calls.append("called")
        if len(calls) == 2:
            raise DeclinedError

    bus.subscribe(UserCreated, fail_the_second_time)
    bus.subscribe(ShopEvent, fail_the_second_time)
    bus.subscribe(UserCreated, noting(calls, "behind"))

    failed = raised_by(lambda: publish(bus, UserCreated()))

    assert "(subscribed to tests.core.shop.ShopEvent)" in str(failed)
    assert calls == ["called", "called", "behind"]


def test_the_payload_of_the_event_is_not_written_out(make_bus: MakeBus) -> None:
    """What a failure says names the event's class; whose address it was is nobody's business."""
    bus = make_bus()
    bus.subscribe(UserCreated, decline)

    failed = raised_by(lambda: publish(bus, UserCreated(email="secret@example.org")))

    assert "secret" not in str(failed)
    assert "secret" not in "".join(failed.exceptions[0].__notes__)


def test_splitting_keeps_the_class_of_the_group(make_bus: MakeBus) -> None:
    """`split` and `subgroup` give groups of the same class and message, with the notes."""
    bus = make_bus()
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, failing(LostError()))
    failed = raised_by(lambda: publish(bus, UserCreated()))

    declined, lost = failed.split(DeclinedError)

    assert [type(declined), type(lost)] == [HandlersFailedError] * 2
    assert declined is not None
    assert lost is not None
    assert declined.message == lost.message == failed.message
    assert [type(each) for each in (*declined.exceptions, *lost.exceptions)] == [
        DeclinedError,
        LostError,
    ]
    assert [type(failed.subgroup(LostError))] == [HandlersFailedError]


def test_except_star_picks_errors_out_by_class(make_bus: MakeBus) -> None:
    """What is not picked out goes on as the same class of group."""
    bus, picked = make_bus(), list[BaseException]()
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, failing(LostError()))

    def handle_declined() -> None:
        try:
            publish(bus, UserCreated())
        except* DeclinedError as declined:
            picked.extend(declined.exceptions)

    rest = raised_by(handle_declined)

    assert [type(error) for error in picked] == [DeclinedError]
    assert [type(error) for error in rest.exceptions] == [LostError]


def test_the_failure_of_a_nested_publish_is_a_failure_of_its_handler() -> None:
    """The outer group holds the inner one, and `except*` finds what is in it."""
    bus, found = Bus(ShopEvent), list[BaseException]()
    bus.subscribe(UserCreated, lambda event: bus.publish(OrderPlaced()))
    bus.subscribe(OrderPlaced, decline)

    failed = raised_by(lambda: bus.publish(UserCreated()))

    (inner,) = failed.exceptions
    assert isinstance(inner, HandlersFailedError)
    assert isinstance(inner.exceptions[0], DeclinedError)
    try:
        raise failed
    except* DeclinedError as declined:
        found.append(declined)
    assert len(found) == 1


def test_a_failure_reads_as_a_sentence() -> None:
    """`str(failure)` is what the log and the notes say."""
    failures = list[Failure]()

    def ignore(failure: Failure) -> Decision:
        failures.append(failure)
        return Decision.IGNORE

    bus = Bus(ShopEvent, on_error=ignore)
    bus.subscribe(UserCreated, decline)

    bus.publish(UserCreated())

    said = "tests.core.shop.decline failed on tests.core.shop.UserCreated"
    assert list(map(str, failures)) == [said]


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Free objects by their reference counts alone."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "on_error", ["collect", pytest.param(lambda failure: Decision.IGNORE, id="ignore")]
)
@pytest.mark.parametrize("make", [plain, awaited])
def test_an_error_is_freed_as_soon_as_nobody_holds_it(make: MakeBus, on_error: object) -> None:
    """The frame of a publish does not keep the error that holds it: there is no cycle to find."""
    bus, held = make(on_error=on_error), list[weakref.ref[Exception]]()

    def fail(event: UserCreated) -> None:
        error = DeclinedError()
        held.append(weakref.ref(error))
        try:
            raise error
        finally:
            del error

    bus.subscribe(UserCreated, fail)
    with suppress(HandlersFailedError):
        drive(bus, UserCreated())

    assert [error() for error in held if error() is not None] == []


def drive(bus: Bus[ShopEvent] | AsyncBus[ShopEvent], event: ShopEvent) -> None:
    """Publish without an event loop, which has references of its own."""
    if isinstance(bus, Bus):
        bus.publish(event)
        return
    publishing = bus.publish(event)
    try:
        publishing.send(None)
    except StopIteration:
        return
