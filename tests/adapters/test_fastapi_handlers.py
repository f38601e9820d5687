"""How `after_response` handlers run: after the response, in order, in threads, isolated."""

import threading
from typing import Literal

import pytest
from fastapi import BackgroundTasks, FastAPI

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    client_of,
    noting_bus,
)
from typedbus import AsyncBus, Bus, Decision, Failure, HandlersFailedError, Publisher, around
from typedbus.adapters.fastapi import AfterResponseMiddleware, after_response


def publish_at(app: FastAPI, bus: Bus) -> None:
    """Let GET / publish on *bus*."""

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())


class PlaceOrder:
    """A use case: it knows nothing of HTTP, and nothing of the bus but `publish`."""

    def __init__(self, events: Publisher[OrderPlaced], log: list[str]) -> None:
        self._events = events
        self._log = log

    def __call__(self) -> None:
        self._events.publish(OrderPlaced())
        self._log.append("placed")


@both_forms
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_use_case_publishes_and_handlers_run_when_the_response_is_out(
    form: Form, backend: Literal["asyncio", "trio"]
) -> None:
    """They run in the order of publishing, async and sync, and all before the client is done."""
    app, log = form(), list[str]()
    place = PlaceOrder(noting_bus(log), log)

    @app.get("/")
    async def place_order() -> None:
        place()

    client_of(app, log, backend=backend).get("/")

    assert log == ["placed", "response 200", "response out", "handler 1", "async handler 1"]


@both_forms
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_sync_endpoint_publishes_from_the_thread_pool(
    form: Form, backend: Literal["asyncio", "trio"]
) -> None:
    """What is published in a thread waits for the response as well."""
    app, log = form(), list[str]()
    place = PlaceOrder(noting_bus(log), log)

    @app.get("/")
    def place_order() -> None:
        place()

    client_of(app, log, backend=backend).get("/")

    assert log == ["placed", "response 200", "response out", "handler 1", "async handler 1"]


def test_outside_of_a_request_handlers_run_at_once() -> None:
    """A script that runs the same use case waits for no response."""
    log = list[str]()
    bus = Bus()
    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("handler")))

    PlaceOrder(bus, log)()

    assert log == ["handler", "placed"]


@both_forms
def test_an_async_bus_publishes_the_same_way(form: Form) -> None:
    """Awaiting its publish waits for no handler of this delivery."""
    app, bus, log = form(), AsyncBus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    async def handle(event: OrderPlaced) -> None:
        log.append("handler")

    @app.get("/")
    async def place_order() -> None:
        await bus.publish(OrderPlaced())
        log.append("placed")

    client_of(app, log).get("/")

    assert log == ["placed", "response 200", "response out", "handler"]


@both_forms
def test_a_handler_that_may_block_runs_off_the_event_loop(form: Form) -> None:
    """Async handlers run where the endpoint runs, the others in a thread of the pool."""
    app, bus, threads = form(), Bus(), dict[str, threading.Thread]()

    @bus.on(OrderPlaced, via=after_response)
    def handle(event: OrderPlaced) -> None:
        threads["handler"] = threading.current_thread()

    @bus.on(OrderPlaced, via=after_response)
    async def handle_async(event: OrderPlaced) -> None:
        threads["async handler"] = threading.current_thread()

    @app.get("/")
    async def place_order() -> None:
        threads["endpoint"] = threading.current_thread()
        bus.publish(OrderPlaced())

    client_of(app, []).get("/")

    assert threads["async handler"] is threads["endpoint"]
    assert threads["handler"] is not threads["endpoint"]


@both_forms
@pytest.mark.parametrize("on_error", ["collect", "raise"])
def test_a_handler_that_fails_keeps_no_other_from_running(
    form: Form, on_error: Literal["collect", "raise"]
) -> None:
    """Sync or async, of this event or the next; the policy of the bus is for its publishers."""
    app, bus, log = form(), Bus(on_error=on_error), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    def fail(event: OrderPlaced) -> None:
        log.append(f"fails {event.order_id}")
        raise LookupError

    @bus.on(OrderPlaced, via=after_response)
    async def fail_async(event: OrderPlaced) -> None:
        log.append(f"fails async {event.order_id}")
        raise LookupError

    bus.subscribe(OrderPlaced, after_response(lambda event: log.append(f"ran {event.order_id}")))

    @app.get("/")
    async def place_orders() -> None:
        bus.publish(OrderPlaced(order_id=1))
        bus.publish(OrderPlaced(order_id=2))

    client_of(app, log).get("/")

    assert log[:2] == ["response 200", "response out"]
    assert log[2:] == ["fails 1", "fails async 1", "ran 1", "fails 2", "fails async 2", "ran 2"]


@both_forms
def test_a_failure_is_logged_with_the_name_of_the_handler(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """The record names handler and event and carries the traceback."""
    app, bus = form(), Bus()

    @bus.on(OrderPlaced, via=after_response)
    async def send_invoice(event: OrderPlaced) -> None:
        raise LookupError("no printer")

    publish_at(app, bus)

    client_of(app, []).get("/")

    (record,) = [record for record in caplog.records if record.name == "typedbus"]
    assert record.levelname == "ERROR"
    assert "send_invoice failed on" in record.getMessage()
    assert "OrderPlaced" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)


@both_forms
def test_a_subscription_may_have_a_policy_of_its_own(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """Its policy decides about a failure of this handler; nothing is logged besides."""
    app, bus, failures = form(), Bus(), list[Failure]()

    def keep(failure: Failure) -> Decision:
        failures.append(failure)
        return Decision.IGNORE

    @bus.on(OrderPlaced, via=after_response, on_error=keep)
    def send_invoice(event: OrderPlaced) -> None:
        raise LookupError("no printer")

    publish_at(app, bus)

    client_of(app, []).get("/")

    (failure,) = failures
    assert failure.event == OrderPlaced()
    assert failure.subscription.name.endswith("send_invoice")
    assert isinstance(failure.error, LookupError)
    assert [record for record in caplog.records if record.name == "typedbus"] == []


@both_forms
def test_a_policy_may_stop_the_rest_and_raise(form: Form) -> None:
    """The error reaches the server, the client has its response by then."""
    app, bus, log = form(), Bus(), list[str]()

    @bus.on(OrderPlaced, via=after_response, on_error="raise")
    def fail(event: OrderPlaced) -> None:
        raise LookupError("no printer")

    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("never")))
    publish_at(app, bus)

    with pytest.raises(LookupError, match="no printer"):
        client_of(app, log).get("/")

    assert log == ["response 200", "response out"]


def test_the_middleware_takes_a_policy_for_all_handlers() -> None:
    """`on_error="collect"` gives the server one error for all that failed."""
    app, bus, log = FastAPI(), Bus(), list[str]()
    app.add_middleware(AfterResponseMiddleware, on_error="collect")

    @bus.on(OrderPlaced, via=after_response)
    def fail(event: OrderPlaced) -> None:
        raise LookupError("no printer")

    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("ran")))
    publish_at(app, bus)

    with pytest.raises(HandlersFailedError) as raised:
        client_of(app, log).get("/")

    assert [type(error) for error in raised.value.exceptions] == [LookupError]
    assert log == ["response 200", "response out", "ran"]


@both_forms
def test_a_wrapper_goes_around_the_run_and_not_around_the_publish(form: Form) -> None:
    """What measures a handler measures it after the response."""
    app, log = form(), list[str]()

    class Traced:
        def __init__(self, handler: str, event: object) -> None:
            self.handler = handler.rpartition(".")[2]

        def __enter__(self) -> None:
            log.append(f"begin {self.handler}")

        def __exit__(self, *error: object) -> None:
            log.append(f"end {self.handler}")

    bus = Bus(wrap=[around(Traced)])

    @bus.on(OrderPlaced, via=after_response)
    def handle(event: OrderPlaced) -> None:
        log.append("handle")

    publish_at(app, bus)

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "begin handle", "handle", "end handle"]


@both_forms
def test_a_handler_that_fails_keeps_no_background_task_from_running(form: Form) -> None:
    """The other background tasks of the endpoint know nothing of it."""
    app, bus, log = form(), Bus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    def fail(event: OrderPlaced) -> None:
        raise LookupError

    @app.get("/")
    async def place_order(background: BackgroundTasks) -> None:
        background.add_task(log.append, "background task")
        bus.publish(OrderPlaced())

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "background task"]
