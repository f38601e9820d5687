"""How a relay calls handlers: where, in which context, and what it makes of what they raise."""

import asyncio
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.outbox.machines import Packed, Sent, by_key
from tests.outbox.relays import Place, run_once
from typedbus.core.envelope import context, current_context, current_envelope
from typedbus.core.verdicts import Dead, Discard
from typedbus.core.wrappers import around
from typedbus.outbox.attempts import current
from typedbus.outbox.records import Record, State
from typedbus.outbox.settings import RelaySettings

noted: ContextVar[str] = ContextVar("noted", default="nothing")


def test_sync_handlers_run_in_threads_and_async_ones_in_the_loop() -> None:
    """A sync handler may block; an async one may await."""
    place, where = Place(), dict[str, int]()

    def sync(event: Packed) -> None:
        where["sync"] = threading.get_ident()

    async def asynchronous(event: Packed) -> None:
        await asyncio.sleep(0)
        where["async"] = threading.get_ident()

    place.bus.on(Packed, via=place.durable("sync"))(sync)
    place.bus.on(Packed, via=place.durable("async"))(asynchronous)
    place.publish(Packed(number=1))

    run_once(place)

    assert where["async"] == threading.get_ident()
    assert where["sync"] != threading.get_ident()


@pytest.mark.parametrize("waits", [True, False], ids=["waiting", "at-once"])
def test_async_handlers_keep_the_order_of_a_key(*, waits: bool) -> None:
    """However the event loop mixes them, and many keys run beside each other."""
    place, seen, beside = Place(), list[tuple[str, int]](), list[int]()
    running = set[str]()

    async def handle(event: Packed) -> None:
        assert event.key not in running
        running.add(event.key)
        beside.append(len(running))
        if waits:
            await asyncio.sleep(0.0005 * (event.number % 3))
        running.discard(event.key)
        seen.append((event.key, event.number))

    place.bus.on(Packed, via=place.durable("h", key=by_key))(handle)
    place.publish(*(Packed(number=n, key=str(n % 7)) for n in range(300)))

    run_once(place)

    for key in map(str, range(7)):
        numbers = [number for other, number in seen if other == key]
        assert numbers == [n for n in range(300) if str(n % 7) == key]
    assert max(beside) == (7 if waits else 1)


def test_sync_handlers_keep_the_order_of_a_key() -> None:
    """However many threads there are."""
    place, seen = Place(), list[tuple[str, int]]()

    def handle(event: Packed) -> None:
        seen.append((event.key, event.number))

    place.bus.on(Packed, via=place.durable("h", key=by_key))(handle)
    place.publish(*(Packed(number=n, key=str(n % 7)) for n in range(2000)))

    run_once(place)

    assert len(seen) == 2000
    for key in map(str, range(7)):
        numbers = [number for other, number in seen if other == key]
        assert numbers == sorted(numbers)


def test_a_failure_stops_its_line_in_a_thread_too() -> None:
    """What a thread was given along with the event that failed is not called."""
    place, seen = Place(), list[int]()

    def handle(event: Packed) -> None:
        seen.append(event.number)
        if event.number == 50:
            raise ValueError("no")

    place.bus.on(Packed, via=place.durable("h", key=by_key))(handle)
    place.publish(*(Packed(number=n, key="ab"[n % 2]) for n in range(100)))

    run_once(place)

    assert [n for n in seen if n % 2 == 0] == list(range(0, 51, 2))
    assert [n for n in seen if n % 2] == list(range(1, 100, 2))
    states = [row.state for row in place.store.deliveries()]
    assert states == [State.WAITING] + [State.HELD] * 24


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_the_envelope_is_there_again(*, is_async: bool) -> None:
    """Context, envelope, and what a handler publishes, are as if the event was published here."""
    place, seen = Place(), dict[str, object]()

    def look() -> None:
        envelope = current_envelope()
        seen["tenant"] = current_context().tenant
        seen["headers"] = dict(envelope.headers)
        seen["id"] = envelope.id
        with place.transaction():
            place.bus.publish(Sent(number=2))

    async def asynchronous(event: Packed) -> None:
        await asyncio.sleep(0)
        look()

    def sync(event: Packed) -> None:
        look()

    async def caused(event: Sent) -> None:
        seen["cause"] = current_envelope().causation_id
        seen["correlation"] = current_envelope().correlation_id

    place.bus.on(Packed, via=place.durable("h"))(asynchronous if is_async else sync)
    place.bus.on(Sent, via=place.durable("caused"))(caused)
    with context(tenant="acme", correlation_id="c-1", headers={"traceparent": "00-1-2-00"}):
        place.publish(Packed(number=1))

    run_once(place)
    run_once(place)

    assert seen["tenant"] == "acme"
    assert seen["headers"] == {"traceparent": "00-1-2-00"}
    assert seen["cause"] == seen["id"] == place.store.events()[0].event_id
    assert seen["correlation"] == "c-1"


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_what_a_handler_sets_is_seen_by_no_other(*, is_async: bool) -> None:
    """Each call has a context of its own."""
    place, seen = Place(), list[str]()

    def look(event: Packed) -> None:
        seen.append(noted.get())
        noted.set(f"by {event.number}")

    async def asynchronous(event: Packed) -> None:
        look(event)
        await asyncio.sleep(0)
        assert noted.get() == f"by {event.number}"

    place.bus.on(Packed, via=place.durable("h"))(asynchronous if is_async else look)
    place.publish(*(Packed(number=n) for n in range(10)))

    run_once(place)

    assert seen == ["nothing"] * 10


def test_a_handler_knows_its_attempt() -> None:
    """Which call it is, of which event, with an id that is the same at each try."""
    place, seen = Place(), list[tuple[int, str, bool]]()

    async def handle(event: Packed) -> None:
        attempt = current.get()
        assert attempt is not None
        seen.append((attempt.number, attempt.delivery_id, attempt.late))
        if attempt.number == 1:
            raise ValueError("no")

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1))
    run_once(place)
    place.store.advance(timedelta(minutes=15))
    run_once(place)

    (first, second) = seen
    assert (first[0], second[0]) == (1, 2)
    assert first[1] == second[1]
    assert (first[2], second[2]) == (False, True)


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), GeneratorExit(), Dead("no")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("how", ["async", "async at once", "sync"])
def test_nothing_that_a_handler_raises_ends_the_relay(error: BaseException, how: str) -> None:
    """It is the failure of that handler, and others go on."""
    place, seen = Place(), list[int]()

    def handle(event: Packed) -> None:
        if event.number == 1:
            raise error
        seen.append(event.number)

    async def asynchronous(event: Packed) -> None:
        if how == "async":
            await asyncio.sleep(0)
        handle(event)

    place.bus.on(Packed, via=place.durable("h"))(handle if how == "sync" else asynchronous)
    place.publish(Packed(number=1), Packed(number=2))

    run_once(place)

    assert seen == [2]
    (row,) = place.store.deliveries()
    assert row.error is not None
    assert type(error).__name__ in row.error


def test_a_sync_handler_may_return_something_to_await() -> None:
    """It is awaited, in its thread, and its failure is the handler's."""
    place, seen = Place(), list[int]()

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        seen.append(number)
        if number == 2:
            raise ValueError("no")

    def handle(event: Packed) -> Awaitable[None]:
        return work(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1), Packed(number=2))

    run_once(place)

    assert sorted(seen) == [1, 2]
    assert [row.id for row in place.store.deliveries()] == [2]


def test_an_event_that_its_class_refuses_is_a_dead_letter() -> None:
    """The handler is not called; the error says what does not fit."""
    place, seen = Place(), list[int]()

    async def handle(event: Packed) -> None:
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1))
    (good,) = place.store.events()
    record = Record(*good[1:])._replace(event_id=str(uuid4()), body='{"number": "one"}')
    place.store.write(record)

    run_once(place)

    assert seen == [1]
    (row,) = place.store.deliveries()
    assert (row.state, row.attempts) == (State.DEAD, 0)
    assert row.error is not None
    assert "number" in row.error


def test_wrappers_of_the_bus_go_around_the_call() -> None:
    """What a wrapper times is the handler's run, where it runs."""
    place, seen = Place(), list[str]()

    @contextmanager
    def noting(name: str, event: object) -> Iterator[None]:
        seen.append("in")
        yield
        seen.append("out")

    async def handle(event: Packed) -> None:
        await asyncio.sleep(0)
        seen.append("handler")

    place.bus.on(Packed, via=place.durable("h"), wrap=[around(noting)])(handle)
    place.publish(Packed(number=1))
    assert seen == []

    run_once(place)

    assert seen == ["in", "handler", "out"]


def test_what_is_discarded_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """With its reason: it is the only trace that it leaves."""
    place = Place()
    caplog.set_level("INFO", "typedbus")

    async def handle(event: Packed) -> None:
        raise Discard("of a test account")

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1))

    run_once(place)

    assert place.store.deliveries() == []
    assert "of a test account" in caplog.text


def test_nothing_is_logged_of_events_that_go_well(caplog: pytest.LogCaptureFixture) -> None:
    """A relay at work says what it does once, not once for each event."""
    place = Place()
    caplog.set_level("DEBUG", "typedbus")

    async def handle(event: Packed) -> None:
        await asyncio.sleep(0)

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(*(Packed(number=n) for n in range(500)))

    run_once(place, RelaySettings())

    assert len(caplog.records) < 10
