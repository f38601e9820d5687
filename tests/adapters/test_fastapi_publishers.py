"""Wherever a request publishes, its handlers wait for the response; past its end they do not."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from threading import Thread
from typing import Annotated, Literal

import anyio
import pytest
from anyio.abc import TaskGroup
from fastapi import BackgroundTasks, Depends, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.adapters.fastapi_forms import (
    Form,
    InvoiceSent,
    OrderPlaced,
    both_forms,
    client_of,
    noting_bus,
    with_middleware,
)
from typedbus import Bus
from typedbus.adapters.fastapi import AfterResponseMiddleware, after_response

HANDLED = ["handler 1", "async handler 1"]


def before_the_endpoint(bus: Bus, log: list[str]) -> Callable[..., object]:
    """Return a dependency that publishes on the way in."""

    async def depend() -> AsyncIterator[None]:
        bus.publish(OrderPlaced())
        log.append("published")
        yield

    return depend


def in_a_thread(bus: Bus, log: list[str]) -> Callable[..., object]:
    """Return a dependency that publishes on the way in, in the thread pool."""

    def depend() -> Iterator[None]:
        bus.publish(OrderPlaced())
        log.append("published")
        yield

    return depend


def behind_the_endpoint(bus: Bus, log: list[str]) -> Callable[..., object]:
    """Return a dependency that publishes on the way out."""

    async def depend() -> AsyncIterator[None]:
        yield
        bus.publish(OrderPlaced())
        log.append("published")

    return depend


@both_forms
@pytest.mark.parametrize("scope", ["function", "request"])
@pytest.mark.parametrize("dependency", [before_the_endpoint, in_a_thread])
def test_what_a_dependency_publishes_waits_for_the_response(
    form: Form,
    scope: Literal["function", "request"],
    dependency: Callable[[Bus, list[str]], Callable[..., object]],
) -> None:
    """Of either scope, async or in the thread pool."""
    app, log = form(), list[str]()
    depend = dependency(noting_bus(log), log)

    @app.get("/")
    async def place_order(enters: Annotated[None, Depends(depend, scope=scope)]) -> None: ...

    client_of(app, log).get("/")

    assert log == ["published", "response 200", "response out", *HANDLED]


@both_forms
def test_what_a_sub_dependency_publishes_waits_for_the_response(form: Form) -> None:
    """However deep it is, it comes in its turn."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def visit() -> int:
        bus.publish(OrderPlaced(order_id=1))
        return 2

    async def user(number: Annotated[int, Depends(visit)]) -> int:
        bus.publish(OrderPlaced(order_id=number))
        return number + 1

    @app.get("/")
    async def place_order(number: Annotated[int, Depends(user)]) -> None:
        bus.publish(OrderPlaced(order_id=number))

    client_of(app, log).get("/")

    assert log[:2] == ["response 200", "response out"]
    assert [line for line in log if line.startswith("handler")] == [
        "handler 1",
        "handler 2",
        "handler 3",
    ]


@both_forms
def test_what_a_function_scope_dependency_publishes_on_exit_waits_for_the_response(
    form: Form,
) -> None:
    """It exits before the response, so both forms are in time."""
    app, log = form(), list[str]()
    depend = behind_the_endpoint(noting_bus(log), log)

    @app.get("/")
    async def place_order(exits: Annotated[None, Depends(depend, scope="function")]) -> None: ...

    client_of(app, log).get("/")

    assert log == ["published", "response 200", "response out", *HANDLED]


@both_forms
def test_what_a_request_scope_dependency_publishes_on_exit_is_handled_after_it(
    form: Form,
) -> None:
    """It exits after the background tasks; a task added then would be lost."""
    app, log = form(), list[str]()
    depend = behind_the_endpoint(noting_bus(log), log)

    @app.get("/")
    async def place_order(exits: Annotated[None, Depends(depend)]) -> None: ...

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "published", *HANDLED]


@both_forms
def test_what_a_background_task_publishes_is_handled_after_it(form: Form) -> None:
    """The response is out by then; the handlers are isolated and awaited all the same."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    def publish_late() -> None:
        bus.publish(OrderPlaced())
        log.append("published")

    @app.get("/")
    async def place_order(background: BackgroundTasks) -> None:
        background.add_task(publish_late)

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "published", *HANDLED]


@both_forms
def test_what_a_handler_publishes_is_handled_behind_what_was_there(form: Form) -> None:
    """In the same release, by the same client's request, from a thread too."""
    app, bus, log = form(), Bus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    def send_invoice(event: OrderPlaced) -> None:
        bus.publish(InvoiceSent(order_id=event.order_id))
        log.append(f"sent {event.order_id}")

    @bus.on(InvoiceSent, via=after_response)
    async def file_invoice(event: InvoiceSent) -> None:
        log.append(f"filed {event.order_id}")

    @app.get("/")
    async def place_orders() -> None:
        bus.publish(OrderPlaced(order_id=1))
        bus.publish(OrderPlaced(order_id=2))

    client_of(app, log).get("/")

    assert log == ["response 200", "response out", "sent 1", "sent 2", "filed 1", "filed 2"]


@both_forms
def test_tasks_and_threads_of_the_endpoint_belong_to_its_request(form: Form) -> None:
    """They inherit where to publish to."""
    app, log = form(), list[str]()
    bus = noting_bus(log)

    async def place(order_id: int) -> None:
        bus.publish(OrderPlaced(order_id=order_id))

    @app.get("/")
    async def place_orders() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(place, 1)
        await anyio.to_thread.run_sync(bus.publish, OrderPlaced(order_id=2))

    client_of(app, log).get("/")

    assert log[:2] == ["response 200", "response out"]
    assert log[2:] == [*HANDLED, "handler 2", "async handler 2"]


def test_a_thread_that_inherits_no_context_publishes_outside_of_the_request() -> None:
    """`threading.Thread` starts with an empty context, so its handlers run at once."""
    app, bus, log = with_middleware(), Bus(), list[str]()
    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("handler")))

    @app.get("/")
    def place_order() -> None:
        thread = Thread(target=bus.publish, args=[OrderPlaced()])
        thread.start()
        thread.join()

    client_of(app, log).get("/")

    assert log == ["handler", "response 200", "response out"]


@both_forms
def test_a_task_that_outlives_its_request_publishes_outside_of_it(form: Form) -> None:
    """Its handlers run at once: in no later request, and not never."""
    bus, log = Bus(), list[str]()
    bus.subscribe(OrderPlaced, after_response(lambda event: log.append("handler")))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as app.state.tasks:
            app.state.may_publish = anyio.Event()
            app.state.published = anyio.Event()
            yield

    app: FastAPI = form(lifespan)

    async def publish_late() -> None:
        await app.state.may_publish.wait()
        bus.publish(OrderPlaced())
        log.append("published")
        app.state.published.set()

    @app.get("/start")
    async def start() -> None:
        tasks: TaskGroup = app.state.tasks
        tasks.start_soon(publish_late)

    @app.get("/later")
    async def later() -> None:
        app.state.may_publish.set()
        await app.state.published.wait()

    with client_of(app, log) as client:
        client.get("/start")
        client.get("/later")

    assert log[:2] == ["response 200", "response out"]
    assert log[2:] == ["handler", "published", "response 200", "response out"]


def test_what_a_middleware_further_in_publishes_waits_for_the_response() -> None:
    """Wherever in the request it is, also behind the endpoint."""
    app, log = FastAPI(), list[str]()
    bus = noting_bus(log)

    class Publishing:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            bus.publish(OrderPlaced(order_id=1))
            await self.app(scope, receive, send)
            bus.publish(OrderPlaced(order_id=2))

    app.add_middleware(Publishing)
    app.add_middleware(AfterResponseMiddleware)

    @app.get("/")
    async def place_order() -> None: ...

    client_of(app, log).get("/")

    assert log[:2] == ["response 200", "response out"]
    assert log[2:] == [*HANDLED, "handler 2", "async handler 2"]
