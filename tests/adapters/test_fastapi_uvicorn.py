"""A real server: the client has its response while the handlers of its request still run."""

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.client import HTTPConnection
from threading import Event as Flag
from threading import Thread

import anyio
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.types import ASGIApp

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    noting_bus,
)
from typedbus import Bus
from typedbus.adapters.fastapi import after_response

PATIENCE = 10
"""Seconds until a test that hangs fails; none waits for it to pass."""


class Server:
    """A uvicorn on a free port, in a thread."""

    def __init__(self, app: ASGIApp) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, ws="none", lifespan="on", log_config=None)
        self._uvicorn = uvicorn.Server(config)
        self._thread = Thread(target=self._uvicorn.run, kwargs={"sockets": [self._listening]})

    def start(self) -> None:
        """Let clients in; whoever comes before it serves is served then."""
        self._thread.start()

    def stop_soon(self) -> None:
        """Ask for a graceful shutdown, as SIGTERM does."""
        self._uvicorn.should_exit = True

    def join(self) -> None:
        """Wait for the end of the shutdown."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def connect(self) -> HTTPConnection:
        """Return a connection that is kept alive from request to request."""
        return HTTPConnection("127.0.0.1", self._listening.getsockname()[1], timeout=PATIENCE)


@contextmanager
def serving(app: ASGIApp) -> Iterator[Server]:
    """Run a server for *app*, and shut it down gracefully."""
    server = Server(app)
    server.start()
    try:
        yield server
    finally:
        server.stop_soon()
        server.join()


class HeldBack:
    """A bus whose handlers begin and then wait until the test lets them go on."""

    def __init__(self, log: list[str]) -> None:
        self.begun = Flag()
        self.may_end = Flag()
        self.ended = Flag()
        self.bus = Bus()

        @self.bus.on(OrderPlaced, via=after_response)
        def handle(event: OrderPlaced) -> None:
            self.begun.set()
            assert self.may_end.wait(PATIENCE)
            log.append("handler")

        @self.bus.on(OrderPlaced, via=after_response)
        async def handle_async(event: OrderPlaced) -> None:
            log.append("async handler")
            self.ended.set()


class Said(logging.Handler):
    """Tells when uvicorn has logged a line that begins with *text*."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.said = Flag()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(self._text):
            self.said.set()

    def __enter__(self) -> Flag:
        logging.getLogger("uvicorn.error").addHandler(self)
        return self.said

    def __exit__(self, *error: object) -> None:
        logging.getLogger("uvicorn.error").removeHandler(self)


def get(connection: HTTPConnection, path: str) -> bytes:
    """Return the whole response to a request over *connection*."""
    connection.request("GET", path)
    return connection.getresponse().read()


@both_forms
def test_the_response_arrives_while_a_handler_still_runs(form: Form) -> None:
    """And so does the next one, over the very same connection."""
    app, log = form(), list[str]()
    held = HeldBack(log)

    @app.get("/order")
    async def place_order() -> str:
        held.bus.publish(OrderPlaced())
        return "placed"

    @app.get("/stock")
    async def show_stock() -> str:
        return "plenty"

    with serving(app) as server:
        connection = server.connect()
        log.append(get(connection, "/order").decode())
        over = connection.sock
        assert held.begun.wait(PATIENCE)
        log.append(get(connection, "/stock").decode())
        assert connection.sock is over
        held.may_end.set()
        assert held.ended.wait(PATIENCE)
        connection.close()

    assert log == ['"placed"', '"plenty"', "handler", "async handler"]


@both_forms
def test_a_graceful_shutdown_waits_for_the_handlers(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """The lifespan ends behind them, so what they need is still there."""
    log = list[str]()
    held = HeldBack(log)
    caplog.set_level("INFO", "uvicorn.error")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        log.append("lifespan over")

    app: FastAPI = form(lifespan)

    @app.get("/order")
    async def place_order() -> None:
        held.bus.publish(OrderPlaced())

    with Said("Waiting for background tasks to complete") as waits, serving(app) as server:
        connection = server.connect()
        get(connection, "/order")
        connection.close()
        assert held.begun.wait(PATIENCE)
        server.stop_soon()
        assert waits.wait(PATIENCE)
        log.append("server waits")
        held.may_end.set()

    assert log == ["server waits", "handler", "async handler", "lifespan over"]


@both_forms
def test_a_client_that_leaves_before_the_response_stops_no_handler(form: Form) -> None:
    """The endpoint did its work; that nobody reads the answer does not undo it."""
    app, log = form(), list[str]()
    held = HeldBack(log)
    held.may_end.set()
    endpoint_runs = Flag()

    @app.get("/order")
    async def place_order(request: Request) -> None:
        held.bus.publish(OrderPlaced())
        await request.receive()
        endpoint_runs.set()
        log.append((await request.receive())["type"])

    with serving(app) as server:
        connection = server.connect()
        connection.request("GET", "/order")
        assert endpoint_runs.wait(PATIENCE)
        connection.close()
        assert held.ended.wait(PATIENCE)

    assert log == ["http.disconnect", "handler", "async handler"]


@both_forms
def test_a_client_that_leaves_a_stream_stops_no_handler(form: Form) -> None:
    """Starlette gives the stream up, and the request has not failed."""
    app, log = form(), list[str]()
    held = HeldBack(log)
    held.may_end.set()

    async def lines() -> AsyncIterator[str]:
        yield "first line"
        await anyio.sleep_forever()

    @app.get("/orders")
    async def export_orders() -> StreamingResponse:
        held.bus.publish(OrderPlaced())
        return StreamingResponse(lines())

    with serving(app) as server:
        connection = server.connect()
        connection.request("GET", "/orders")
        response = connection.getresponse()
        log.append(response.read(10).decode())
        response.close()
        connection.close()
        assert held.ended.wait(PATIENCE)

    assert log == ["first line", "handler", "async handler"]


@both_forms
def test_a_failure_after_the_response_takes_nothing_down(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """The server logs it once, by the handler's name, and serves the next request."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @bus.on(OrderPlaced, via=after_response)
    def send_invoice(event: OrderPlaced) -> None:
        raise LookupError

    @app.get("/{order_id}")
    async def place_order(order_id: int) -> int:
        bus.publish(OrderPlaced(order_id=order_id))
        return order_id

    with serving(app) as server:
        connection = server.connect()
        answers = [get(connection, "/1"), get(connection, "/2")]
        connection.close()

    assert answers == [b"1", b"2"]
    assert sorted(log) == ["async handler 1", "async handler 2", "handler 1", "handler 2"]
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert ["send_invoice failed" in record.getMessage() for record in errors] == [True, True]
