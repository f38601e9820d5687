"""One request is one scope: what is beside it, around it and inside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import anyio
import httpx2
import pytest
from fastapi import Depends, FastAPI, Request, Response, WebSocket
from fastapi.responses import StreamingResponse
from starlette.middleware.base import RequestResponseEndpoint
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    client_of,
    noting_bus,
    with_dependency,
    with_middleware,
)
from typedbus import AsyncBus, Bus, HandlersFailedError
from typedbus.adapters.fastapi import (
    AfterResponseMiddleware,
    after_response,
    release_in_background,
)

HANDLED = ["handler 1", "async handler 1"]


@both_forms
@pytest.mark.anyio
async def test_two_requests_at_a_time_do_not_mix(form: Form) -> None:
    """Each runs its own handlers at its own end; one that fails drops its own only."""
    app, log = form(), list[str]()
    bus = noting_bus(log)
    placed, may_fail = anyio.Event(), anyio.Event()

    @app.get("/slow")
    async def place_slowly() -> None:
        bus.publish(OrderPlaced(order_id=1))
        placed.set()
        await may_fail.wait()
        raise ConnectionError

    @app.get("/fast")
    async def place_order() -> None:
        await placed.wait()
        bus.publish(OrderPlaced(order_id=2))

    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.get, "/slow")
                await client.get("/fast")
                log.append("fast request over")
                may_fail.set()

    assert log == ["handler 2", "async handler 2", "fast request over"]


def test_the_outermost_of_nested_middlewares_runs_the_handlers() -> None:
    """They run once, when all is over, however often the middleware was added."""
    app, log = FastAPI(), list[str]()
    bus = noting_bus(log)

    class Between:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            log.append("between is over")

    app.add_middleware(AfterResponseMiddleware)
    app.add_middleware(Between)
    app.add_middleware(AfterResponseMiddleware)

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "between is over", *HANDLED]


def test_with_both_forms_each_handler_runs_once() -> None:
    """It does no harm, if it does no good either."""
    app, log = FastAPI(dependencies=[Depends(release_in_background)]), list[str]()
    app.add_middleware(AfterResponseMiddleware)
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", *HANDLED]


@both_forms
def test_a_mounted_application_may_have_a_form_of_its_own(form: Form) -> None:
    """Its requests are covered by it, where the application around it has none."""
    app, mounted, log = FastAPI(), form(), list[str]()
    bus = noting_bus(log)
    app.mount("/orders", mounted)

    @mounted.get("/place")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, log).get("/orders/place")

    assert log == ["response 200", "response out", *HANDLED]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param(with_middleware, ["response 200", "response out", "handler"], id="middleware"),
        pytest.param(with_dependency, ["handler", "response 200", "response out"], id="dependency"),
    ],
)
def test_a_mounted_application_is_covered_by_the_middleware_around_it(
    form: Form, expected: list[str]
) -> None:
    """FastAPI's dependencies are for its own endpoints, so there it is no request of ours."""
    app, mounted, bus, log = form(), FastAPI(), Bus(), list[str]()
    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("handler")))
    app.mount("/orders", mounted)

    @mounted.get("/place")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, log).get("/orders/place")

    assert log == expected


@both_forms
def test_a_websocket_runs_handlers_at_once(form: Form) -> None:
    """It has no response to wait for, and its client may stay for hours."""
    app, bus, log = form(), Bus(), list[str]()
    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("handler")))

    @app.websocket("/")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        bus.publish(OrderPlaced())
        log.append("published")
        await websocket.close()

    with client_of(app, log).websocket_connect("/"):
        pass

    assert log == ["handler", "published"]


@both_forms
def test_the_lifespan_is_left_alone(form: Form) -> None:
    """It gives its state, and what it publishes is handled at once: there is no response."""

    class State(TypedDict):
        bus: Bus

    log = list[str]()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        bus = Bus()
        bus.subscribe(
            OrderPlaced, after_response(lambda event: log.append(f"handler {event.order_id}"))
        )
        bus.publish(OrderPlaced(order_id=1))
        log.append("started")
        yield {"bus": bus}
        bus.publish(OrderPlaced(order_id=3))
        log.append("stopped")

    app: FastAPI = form(lifespan)

    @app.get("/")
    async def place_order(request: Request) -> None:
        bus: Bus = request.state.bus
        bus.publish(OrderPlaced(order_id=2))

    with client_of(app, log) as client:
        client.get("/")

    assert log[:2] == ["handler 1", "started"]
    assert log[2:5] == ["response 200", "response out", "handler 2"]
    assert log[5:] == ["handler 3", "stopped"]


@pytest.mark.anyio
async def test_outside_of_a_request_an_async_bus_awaits_the_handlers() -> None:
    """At once means: before publish returns."""
    bus, log = AsyncBus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    async def handle(event: OrderPlaced) -> None:
        await anyio.lowlevel.checkpoint()
        log.append("handler")

    await bus.publish(OrderPlaced())

    assert log == ["handler"]


def test_outside_of_a_request_a_bus_refuses_async_handlers() -> None:
    """It says which handler it cannot await; a request, or an AsyncBus, can."""
    bus = Bus()

    @bus.on(OrderPlaced, via=after_response)
    async def send_invoice(event: OrderPlaced) -> None: ...

    with pytest.raises(HandlersFailedError, match=r"send_invoice.*AsyncBus"):
        bus.publish(OrderPlaced())


async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Do nothing, in the manner of Starlette's `BaseHTTPMiddleware`."""
    return await call_next(request)


def export_orders_at(app: FastAPI, bus: Bus, log: list[str]) -> None:
    """Let GET / publish and answer with a stream."""

    async def lines() -> AsyncIterator[str]:
        yield "first line"
        log.append("last chunk")
        yield "last line"

    @app.get("/")
    async def export_orders() -> StreamingResponse:
        bus.publish(OrderPlaced())
        return StreamingResponse(lines())


def test_a_base_http_middleware_further_in_does_no_harm() -> None:
    """It runs the endpoint in a task of its own, and holds the response in its hands."""
    app, log = FastAPI(), list[str]()
    app.middleware("http")(pass_on)
    app.add_middleware(AfterResponseMiddleware)
    export_orders_at(app, noting_bus(log), log)

    client_of(app, log).get("/")

    assert log == ["response 200", "last chunk", "response out", *HANDLED]


@both_forms
def test_a_base_http_middleware_further_out_only_blurs_the_end(form: Form) -> None:
    """It sends the last chunk on while the application goes on already: to the handlers."""
    app, log = form(), list[str]()
    app.middleware("http")(pass_on)
    export_orders_at(app, noting_bus(log), log)

    client_of(app, log).get("/")

    log.remove("response out")
    assert log == ["response 200", "last chunk", *HANDLED]
