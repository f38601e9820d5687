"""Background: what happens when its handlers, or the block that owns it, fail."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.core.held import PATIENCE, Held
from tests.core.shop import (
    DeclinedError,
    EndError,
    LostError,
    ShopEvent,
    UserCreated,
    decline,
    failing,
    nothing_async,
    noting,
)
from typedbus import Background, Bus, Decision, Failure, HandlersFailedError, errors


def publish_in(background: Background, *handlers: Callable[[ShopEvent], Any]) -> None:
    """Publish one event to *handlers* via *background*, in its block."""
    bus = Bus(ShopEvent)
    with background:
        for handler in handlers:
            bus.on(UserCreated, via=background)(handler)
        bus.publish(UserCreated())


def test_a_failure_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for the handler, so the log is where its failure goes by default."""
    calls, error = list[str](), DeclinedError()

    publish_in(Background(workers=1), failing(error), noting(calls, "behind"))

    (record,) = [each for each in caplog.records if each.name == "typedbus"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[1] is error
    assert "failing.<locals>.fail failed on tests.core.shop.UserCreated" in record.getMessage()
    assert calls == ["behind"]


def test_what_is_collected_is_raised_when_the_block_is_left() -> None:
    """One group with a note on each error that says whose it is."""
    calls, background = list[str](), Background(workers=1, on_error="collect")

    with pytest.raises(HandlersFailedError) as failed:
        publish_in(background, decline, noting(calls, "between"), failing(LostError()))

    assert [type(error) for error in failed.value.exceptions] == [DeclinedError, LostError]
    assert failed.value.exceptions[0].__notes__ == [
        "tests.core.shop.decline failed on tests.core.shop.UserCreated"
    ]
    assert calls == ["between"]


def test_a_subscription_may_have_a_policy_of_its_own() -> None:
    """It comes before that of the background."""
    bus, judged = Bus(ShopEvent), list[Failure]()

    def ignore(failure: Failure) -> Decision:
        judged.append(failure)
        return Decision.IGNORE

    with Background(on_error="collect") as background:
        bus.on(UserCreated, via=background, on_error=ignore)(decline)
        bus.publish(UserCreated())

    assert [type(failure.error) for failure in judged] == [DeclinedError]


def test_what_is_no_exception_is_raised_when_the_block_is_left() -> None:
    """The thread goes on, the others run, and nothing is held back for good."""
    calls, stop = list[str](), EndError()

    with pytest.raises(EndError) as raised:
        publish_in(Background(workers=1), failing(stop), noting(calls, "behind"))

    assert raised.value is stop
    assert calls == ["behind"]


def test_an_awaitable_that_a_handler_returns_is_a_failure() -> None:
    """Threads await nothing, which the error says; it names the handler."""

    def return_coroutine(event: ShopEvent) -> Any:  # Any: a checker refuses the coroutine
        return nothing_async(event)

    with pytest.raises(HandlersFailedError) as failed:
        publish_in(Background(on_error="collect"), return_coroutine)

    (error,) = failed.value.exceptions
    assert isinstance(error, errors.AsyncHandlerError)
    assert error.handler.endswith("return_coroutine")


def test_an_error_that_leaves_the_block_passes_with_what_else_went_wrong(held: Held) -> None:
    """It is not replaced: failures and what is left are notes on it."""
    bus, error = Bus(ShopEvent), LostError()
    background = Background(workers=1, drain=timedelta(0), on_error="collect")
    bus.on(UserCreated, via=background)(decline)
    bus.on(UserCreated, via=background)(held)

    def leave_by_an_error() -> None:
        with background:
            bus.publish(UserCreated())
            assert held.started.wait(PATIENCE)
            raise error

    with pytest.raises(LostError) as raised:
        leave_by_an_error()

    notes = "\n".join(raised.value.__notes__)
    assert raised.value is error
    assert "tests.core.shop.decline failed on tests.core.shop.UserCreated" in notes
    assert "tests.core.held.Held() on tests.core.shop.UserCreated" in notes


def test_an_error_that_leaves_the_block_does_not_drop_what_was_published() -> None:
    """Unlike a scope, a background owns no transaction: it drains all the same."""
    bus, calls = Bus(ShopEvent), list[str]()

    def leave_by_an_error() -> None:
        with Background() as background:
            bus.on(UserCreated, via=background)(noting(calls, "handled"))
            bus.publish(UserCreated())
            raise LostError

    with pytest.raises(LostError):
        leave_by_an_error()

    assert calls == ["handled"]


def test_a_policy_that_is_none_is_refused_where_the_background_is_made() -> None:
    """Not in a thread, where nobody looks."""
    with pytest.raises(errors.PolicyError):
        Background(on_error="nonsense")  # type: ignore[arg-type]  # the mistake under test
