"""collect: publish now, release later."""

from contextlib import suppress
from contextvars import copy_context
from threading import Thread

import pytest

from tests.core.shop import (
    DeclinedError,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    nothing,
    nothing_async,
    noting,
)
from typedbus import Bus, collect, collected, errors


def collecting_bus(calls: list[str], *names: str) -> Bus[ShopEvent]:
    """Return a bus with a collected handler for each of *names*, in that order."""
    bus = Bus(ShopEvent)
    for name in names:
        bus.on(UserCreated, via=collected)(noting(calls, name))
    return bus


def test_collected_handlers_run_at_the_end_of_the_scope_in_order() -> None:
    """In the order of publishing, and for each publish in the order of subscription."""
    calls = list[str]()
    bus = collecting_bus(calls, "first", "second")
    bus.subscribe(UserCreated, noting(calls, "inline"))

    with collect():
        bus.publish(UserCreated())
        bus.publish(UserCreated())
        calls.append("end")

    assert calls == ["inline", "inline", "end", "first", "second", "first", "second"]


def test_an_error_that_leaves_the_scope_drops_them() -> None:
    """Nothing of what was collected runs."""
    calls = list[str]()
    bus = collecting_bus(calls, "dropped")

    with suppress(DeclinedError), collect() as pending:
        bus.publish(UserCreated())
        raise DeclinedError

    assert calls == []
    assert len(pending) == 0


def test_an_error_leaves_the_scope_as_it_is() -> None:
    """Dropping adds nothing to it."""
    error = DeclinedError()

    with pytest.raises(DeclinedError) as raised, collect():
        raise error

    assert raised.value is error
    assert (error.__context__, getattr(error, "__notes__", [])) == (None, [])


def test_outside_of_a_scope_they_run_at_once() -> None:
    """Code that publishes need not know whether it runs in a request."""
    calls = list[str]()
    bus = collecting_bus(calls, "at once")

    bus.publish(UserCreated())

    assert calls == ["at once"]


def test_after_the_scope_they_run_at_once_again() -> None:
    """A scope ends with its block."""
    calls = list[str]()
    bus = collecting_bus(calls, "at once")

    with collect():
        pass
    bus.publish(UserCreated())

    assert calls == ["at once"]


def test_a_handler_that_publishes_while_it_is_released_adds_to_the_end() -> None:
    """What it publishes is served in the same release, behind what was there."""
    bus, calls = Bus(ShopEvent), list[str]()

    def publish_order(event: UserCreated) -> None:
        bus.publish(OrderPlaced())
        calls.append("first")

    bus.on(UserCreated, via=collected)(publish_order)
    bus.on(UserCreated, via=collected)(noting(calls, "second"))
    bus.on(OrderPlaced, via=collected)(noting(calls, "order"))

    with collect():
        bus.publish(UserCreated())

    assert calls == ["first", "second", "order"]


def test_a_scope_can_be_released_before_its_end() -> None:
    """`release` runs what there is; from then on handlers run at once."""
    calls = list[str]()
    bus = collecting_bus(calls, "collected")

    with collect() as pending:
        bus.publish(UserCreated())
        pending.release()
        calls.append("released")
        bus.publish(UserCreated())
        calls.append("end")

    assert calls == ["collected", "released", "collected", "end"]


def test_an_error_after_a_release_takes_nothing_back() -> None:
    """What was released has run."""
    calls = list[str]()
    bus = collecting_bus(calls, "released")

    with suppress(DeclinedError), collect() as pending:
        bus.publish(UserCreated())
        pending.release()
        raise DeclinedError

    assert calls == ["released"]


def test_a_scope_can_be_dropped() -> None:
    """`drop` forgets what there is, and the block goes on."""
    calls = list[str]()
    bus = collecting_bus(calls, "dropped")

    with collect() as pending:
        bus.publish(UserCreated())
        pending.drop()

    assert calls == []
    assert not pending.open


def test_pending_tells_what_waits() -> None:
    """How many handlers, and which, each with its event."""
    bus = Bus(ShopEvent)
    bus.on(UserCreated, via=collected)(decline)
    bus.on(ShopEvent, via=collected)(nothing)

    with collect() as pending:
        bus.publish(UserCreated())
        told = (len(pending), list(pending), pending.events)
        pending.drop()

    assert told == (
        2,
        [
            "tests.core.shop.decline on tests.core.shop.UserCreated",
            "tests.core.shop.nothing on tests.core.shop.UserCreated",
        ],
        (UserCreated(), UserCreated()),
    )
    assert (len(pending), list(pending), pending.events) == (0, [], ())


def test_a_thread_collects_into_the_scope_that_it_was_started_in() -> None:
    """A thread that is given the context of a request shares the request's scope."""
    calls = list[str]()
    bus = collecting_bus(calls, "collected")

    with collect() as pending:
        thread = Thread(target=copy_context().run, args=(bus.publish, UserCreated()))
        thread.start()
        thread.join()
        waiting = len(pending)

    assert waiting == 1
    assert calls == ["collected"]


def test_a_thread_of_its_own_is_no_part_of_the_scope() -> None:
    """Without the context of the request there is no scope: its handlers run at once."""
    calls, outside = list[str](), copy_context()
    bus = collecting_bus(calls, "at once")

    with collect() as pending:
        thread = Thread(target=outside.run, args=(bus.publish, UserCreated()))
        thread.start()
        thread.join()
        waiting = len(pending)

    assert waiting == 0
    assert calls == ["at once"]


def test_an_async_handler_is_refused_by_a_plain_scope() -> None:
    """Where it is published, by name; nobody could await it when the scope is released."""
    bus = Bus(ShopEvent, on_error="raise")
    bus.on(UserCreated, via=collected)(nothing_async)

    with pytest.raises(errors.AsyncHandlerError, match="async with") as refused, collect():
        bus.publish(UserCreated())

    assert refused.value.handler == "tests.core.shop.nothing_async"


def test_an_async_handler_of_a_bus_needs_an_open_scope() -> None:
    """Outside of any, nobody awaits it: the error says what is missing, and names the handler."""
    bus = Bus(ShopEvent, on_error="raise")
    bus.on(UserCreated, via=collected)(nothing_async)

    with pytest.raises(
        errors.AsyncHandlerError, match="no scope of 'collected' is open"
    ) as refused:
        bus.publish(UserCreated())

    assert refused.value.handler == "tests.core.shop.nothing_async"
