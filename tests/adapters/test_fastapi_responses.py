"""Responses that the endpoint makes itself: whose status counts, and whose background tasks."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    client_of,
    noting_bus,
    with_dependency,
    with_middleware,
)
from typedbus.adapters.fastapi import AfterResponseMiddleware, release_in_background

HANDLED = ["handler 1", "async handler 1"]


def fail() -> None:
    """Raise, as a background task that fails does."""
    raise ConnectionError


@both_forms
@pytest.mark.parametrize("status", [200, 204, 303])
def test_a_response_of_the_endpoints_own_runs_the_handlers(form: Form, status: int) -> None:
    """Anything below 400 is a success; a redirect after a form is one too."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> Response:
        bus.publish(OrderPlaced())
        return Response(status_code=status)

    client_of(app, log).get("/")

    assert log == [f"response {status}", "response out", *HANDLED]


def respond(status: int, response: Response) -> Response:
    """Return a response with *status*."""
    return Response(status_code=status)


def set_status(status: int, response: Response) -> Response | None:
    """Set *status* on the response that FastAPI is going to make."""
    response.status_code = status
    return None


@pytest.mark.parametrize(
    ("form", "handled"),
    [
        pytest.param(with_middleware, [], id="middleware"),
        pytest.param(with_dependency, HANDLED, id="dependency"),
    ],
)
@pytest.mark.parametrize("answer", [respond, set_status])
@pytest.mark.parametrize("status", [400, 409, 500])
def test_an_error_status_of_the_endpoints_own_is_seen_by_the_middleware_only(
    form: Form,
    handled: list[str],
    answer: Callable[[int, Response], Response | None],
    status: int,
) -> None:
    """No exception was raised; background tasks run whatever the status is."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/", response_model=None)
    async def place_order(response: Response) -> object:
        bus.publish(OrderPlaced())
        return answer(status, response)

    client_of(app, log).get("/")

    assert log == [f"response {status}", "response out", *handled]


@pytest.mark.parametrize(
    ("status", "handled"), [(201, []), (404, HANDLED)], ids=["refused", "released"]
)
def test_the_middleware_takes_another_rule_for_the_status(status: int, handled: list[str]) -> None:
    """`released_by` replaces the rule that anything below 400 is a success."""
    app, log = FastAPI(), list[str]()
    app.add_middleware(AfterResponseMiddleware, released_by=lambda status: status == 404)
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> Response:
        bus.publish(OrderPlaced())
        return Response(status_code=status)

    client_of(app, log).get("/")

    assert log == [f"response {status}", "response out", *handled]


def test_an_application_that_never_responds_runs_no_handlers() -> None:
    """The server answers 500 for it, so the request failed."""
    log = list[str]()
    bus = noting_bus(log)

    async def fall_silent(scope: Scope, receive: Receive, send: Send) -> None:
        bus.publish(OrderPlaced())

    client_of(AfterResponseMiddleware(fall_silent), log, raises=False).get("/")

    assert log == []


@both_forms
def test_background_tasks_of_the_endpoints_own_response_take_nothing_away(form: Form) -> None:
    """FastAPI throws its own background tasks away then; handlers run all the same."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> Response:
        bus.publish(OrderPlaced())
        return Response(background=BackgroundTask(log.append, "background task"))

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "background task", *HANDLED]


@both_forms
def test_a_response_that_is_returned_again_runs_the_handlers_of_each_request(form: Form) -> None:
    """FastAPI leaves the background tasks of the first request on it."""
    app, log, response = form(), list[str](), Response()
    bus = noting_bus(log)

    @app.get("/{order_id}")
    async def place_order(order_id: int) -> Response:
        bus.publish(OrderPlaced(order_id=order_id))
        return response

    client = client_of(app, log)
    client.get("/1")
    client.get("/2")

    assert log[:4] == ["response 200", "response out", "handler 1", "async handler 1"]
    assert log[4:] == ["response 200", "response out", "handler 2", "async handler 2"]


@pytest.mark.parametrize(
    ("form", "handled"),
    [
        pytest.param(with_middleware, [], id="middleware"),
        pytest.param(with_dependency, HANDLED, id="dependency"),
    ],
)
def test_a_background_task_that_raises_is_a_failed_request_to_the_middleware(
    form: Form, handled: list[str]
) -> None:
    """It rolls back request-scope sessions; the dependency's handlers have run before it."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order(background: BackgroundTasks) -> None:
        background.add_task(fail)
        bus.publish(OrderPlaced())

    client_of(app, log, raises=False).get("/")

    assert log == ["response 200", "response out", *handled]


@both_forms
def test_a_background_task_of_the_endpoints_own_response_that_raises_drops_the_handlers(
    form: Form,
) -> None:
    """Here the handlers come after it in both forms."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> Response:
        bus.publish(OrderPlaced())
        return Response(background=BackgroundTask(fail))

    client_of(app, log, raises=False).get("/")

    assert log == ["response 200", "response out"]


def test_the_dependency_goes_ahead_of_background_tasks_that_were_there_before_it() -> None:
    """A background task that raises would keep those behind it from running."""

    async def add_failing_task(background: BackgroundTasks) -> None:
        background.add_task(fail)

    app = FastAPI(dependencies=[Depends(add_failing_task), Depends(release_in_background)])
    log = list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, log, raises=False).get("/")

    assert log == ["response 200", "response out", *HANDLED]


@both_forms
@pytest.mark.parametrize("where", ["endpoint", "stream", "sync stream"])
def test_a_stream_runs_the_handlers_after_its_last_chunk(form: Form, where: str) -> None:
    """Whether they were published by the endpoint, or by what produces the stream."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    def lines() -> Iterator[str]:
        log.append("first chunk")
        yield "first line"
        if where == "sync stream":
            bus.publish(OrderPlaced())
        log.append("last chunk")
        yield "last line"

    async def lines_async() -> AsyncIterator[str]:
        for line in lines():
            yield line
        if where == "stream":
            bus.publish(OrderPlaced())

    @app.get("/")
    async def export_orders() -> StreamingResponse:
        if where == "endpoint":
            bus.publish(OrderPlaced())
        return StreamingResponse(lines() if where == "sync stream" else lines_async())

    client_of(app, log).get("/")

    assert log[:4] == ["response 200", "first chunk", "last chunk", "response out"]
    assert log[4:] == HANDLED


@pytest.mark.parametrize(
    ("form", "order"),
    [
        pytest.param(with_middleware, ["background task", *HANDLED], id="middleware"),
        pytest.param(with_dependency, [*HANDLED, "background task"], id="dependency"),
    ],
)
def test_the_middleware_comes_behind_the_background_tasks_the_dependency_ahead_of_them(
    form: Form, order: list[str]
) -> None:
    """Either way they all run, and after the response."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    @app.get("/")
    async def place_order(background: BackgroundTasks) -> None:
        background.add_task(log.append, "background task")
        bus.publish(OrderPlaced())

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", *order]
