"""A request that failed runs no `after_response` handler, however it failed."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    client_of,
    noting_bus,
    with_dependency,
    with_middleware,
)
from typedbus import Bus


class OutOfStockError(Exception):
    pass


async def conflict(request: Request, error: Exception) -> JSONResponse:
    """Answer 409, as an application does for an error of its domain."""
    return JSONResponse({"detail": "out of stock"}, status_code=409)


@both_forms
@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(HTTPException(404), 404, id="HTTPException"),
        pytest.param(RuntimeError("a bug"), 500, id="unhandled"),
        pytest.param(OutOfStockError(), 409, id="exception handler"),
    ],
)
def test_an_endpoint_that_raises_drops_its_handlers(
    form: Form, error: Exception, status: int
) -> None:
    """What it published before belongs to work that is undone."""
    app, log = form(), list[str]()
    app.add_exception_handler(OutOfStockError, conflict)
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())
        raise error

    client_of(app, log, raises=False).get("/")

    assert log == [f"response {status}", "response out"]


def refuse(bus: Bus, app: FastAPI, error: Exception) -> None:
    """Let GET / publish and raise *error*, which is answered with a redirect."""

    async def redirect(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse(None, status_code=303, headers={"Location": "/stock"})

    app.add_exception_handler(OutOfStockError, redirect)

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())
        raise error


@both_forms
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(HTTPException(303, headers={"Location": "/login"}), id="HTTPException"),
        pytest.param(OutOfStockError(), id="exception handler"),
    ],
)
def test_an_endpoint_that_raises_a_redirect_drops_its_handlers(
    form: Form, error: Exception
) -> None:
    """Its session was rolled back, whatever the status that the error is answered with."""
    app, log = form(), list[str]()
    refuse(noting_bus(log), app, error)

    client_of(app, log).get("/")

    assert log == ["response 303", "response out"]


@both_forms
def test_a_request_that_is_refused_drops_what_a_dependency_published(form: Form) -> None:
    """A validation error comes after the dependencies have run."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def publish_visit() -> None:
        bus.publish(OrderPlaced())

    @app.get("/", dependencies=[Depends(publish_visit)])
    async def place_order(quantity: int) -> None:
        log.append("never")

    client_of(app, log).get("/?quantity=many")

    assert log == ["response 422", "response out"]


@both_forms
def test_a_result_that_does_not_fit_its_model_drops_the_handlers(form: Form) -> None:
    """The endpoint returned, and still the client gets an error."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/", response_model=int)
    async def place_order() -> str:
        bus.publish(OrderPlaced())
        return "one"

    client_of(app, log, raises=False).get("/")

    assert log == ["response 500", "response out"]


@both_forms
def test_a_stream_that_breaks_drops_the_handlers(form: Form) -> None:
    """The client never got the whole response, though its status was 200."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def lines() -> AsyncIterator[str]:
        yield "first line"
        raise ConnectionError

    @app.get("/")
    async def export_orders() -> StreamingResponse:
        bus.publish(OrderPlaced())
        return StreamingResponse(lines())

    client_of(app, log, raises=False).get("/")

    assert log == ["response 200"]


@both_forms
def test_a_dependency_that_fails_behind_the_endpoint_drops_the_handlers(form: Form) -> None:
    """A function-scope dependency exits, and may fail to commit, before the response."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def session() -> AsyncIterator[None]:
        yield
        raise OutOfStockError

    @app.get("/")
    async def place_order(session: Annotated[None, Depends(session, scope="function")]) -> None:
        bus.publish(OrderPlaced())

    client_of(app, log, raises=False).get("/")

    assert log == ["response 500", "response out"]


@pytest.mark.parametrize(
    ("form", "handled"),
    [
        pytest.param(with_middleware, [], id="middleware"),
        pytest.param(with_dependency, ["handler 1", "async handler 1"], id="dependency"),
    ],
)
def test_a_dependency_that_fails_behind_the_response_is_noticed_by_the_middleware(
    form: Form, handled: list[str]
) -> None:
    """A request-scope dependency exits after the background tasks, so they cannot know."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def session() -> AsyncIterator[None]:
        yield
        raise OutOfStockError

    @app.get("/")
    async def place_order(session: Annotated[None, Depends(session)]) -> None:
        bus.publish(OrderPlaced())

    client_of(app, log, raises=False).get("/")

    assert log == ["response 200", "response out", *handled]


@both_forms
def test_the_next_request_is_served_as_if_nothing_had_failed(form: Form) -> None:
    """What was dropped stays dropped, and the next request has handlers of its own."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/{order_id}")
    async def place_order(order_id: int) -> None:
        bus.publish(OrderPlaced(order_id=order_id))
        if order_id == 1:
            raise HTTPException(409)

    with client_of(app, log) as client:
        client.get("/1")
        client.get("/2")

    assert log[:2] == ["response 409", "response out"]
    assert log[2:] == ["response 200", "response out", "handler 2", "async handler 2"]
