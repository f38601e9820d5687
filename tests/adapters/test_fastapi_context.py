"""The context of the publisher is there when the handler runs, after the response."""

from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Annotated, Literal

import anyio.lowlevel
import pytest
from fastapi import Depends, FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.adapters.fastapi_forms import (
    Form,
    InvoiceSent,
    OrderPlaced,
    both_forms,
    client_of,
)
from typedbus import Bus, context, current_context, current_envelope
from typedbus.adapters.fastapi import after_response

user: ContextVar[str] = ContextVar("user", default="nobody")


class WithCorrelation:
    """An ASGI middleware that opens the context of a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with context(correlation_id="request-1", tenant="acme"):
            await self._app(scope, receive, send)


async def correlated() -> AsyncIterator[None]:
    """Open the context of a request, as a dependency."""
    with context(correlation_id="request-1", tenant="acme"):
        yield


async def nothing() -> AsyncIterator[None]:
    """Depend on nothing."""
    yield


def contexts_seen_by(bus: Bus) -> list[tuple[str | None, str, str | None]]:
    """Return what a sync and an async handler are going to see."""
    seen = list[tuple[str | None, str, str | None]]()

    def look() -> tuple[str | None, str, str | None]:
        current = current_context()
        return current.correlation_id, current_envelope().correlation_id, current.tenant

    @bus.on(OrderPlaced, via=after_response)
    def handle(event: OrderPlaced) -> None:
        seen.append(look())

    @bus.on(OrderPlaced, via=after_response)
    async def handle_async(event: OrderPlaced) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(look())

    return seen


def publishing_app(form: Form, bus: Bus, opened_by: str) -> FastAPI:
    """Return an application that publishes in a context which *opened_by* says who opens."""
    app = form()
    dependency = correlated
    if opened_by == "middleware":
        app.add_middleware(WithCorrelation)
        dependency = nothing

    @app.get("/async")
    async def place_order(opened: Annotated[None, Depends(dependency, scope="function")]) -> None:
        bus.publish(OrderPlaced())

    @app.get("/sync")
    def place_in_thread(opened: Annotated[None, Depends(dependency, scope="function")]) -> None:
        bus.publish(OrderPlaced())

    return app


@both_forms
@pytest.mark.parametrize("opened_by", ["middleware", "dependency"])
@pytest.mark.parametrize("endpoint", ["/async", "/sync"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_handlers_see_the_context_of_the_request(
    form: Form, opened_by: str, endpoint: str, backend: Literal["asyncio", "trio"]
) -> None:
    """Whoever opened it has left it by the time the handlers run."""
    bus = Bus()
    app, seen = publishing_app(form, bus, opened_by), contexts_seen_by(bus)

    client_of(app, [], backend=backend).get(endpoint)

    assert seen == [("request-1", "request-1", "acme")] * 2


@both_forms
def test_each_request_has_a_context_of_its_own(form: Form) -> None:
    """Also when both come over one connection."""
    app, bus, seen = form(), Bus(), list[str | None]()

    @bus.on(OrderPlaced, via=after_response)
    async def handle(event: OrderPlaced) -> None:
        seen.append(current_context().correlation_id)

    async def correlated_by_path(request: Request) -> AsyncIterator[None]:
        with context(correlation_id=request.url.path):
            yield

    @app.get("/{order_id}")
    async def place_order(
        order_id: int, correlated: Annotated[None, Depends(correlated_by_path)]
    ) -> None:
        bus.publish(OrderPlaced(order_id=order_id))

    with client_of(app, []) as client:
        client.get("/1")
        client.get("/2")

    assert seen == ["/1", "/2"]


@both_forms
def test_handlers_see_the_context_variables_of_the_publisher(form: Form) -> None:
    """As they were when it published, not as they are at the end of the request."""
    app, bus, seen = form(), Bus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    def handle(event: OrderPlaced) -> None:
        seen.append(f"handler: {user.get()}")

    @bus.on(OrderPlaced, via=after_response)
    async def handle_async(event: OrderPlaced) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(f"async handler: {user.get()}")

    async def authenticated() -> None:
        user.set("ada")

    @app.get("/", dependencies=[Depends(authenticated)])
    async def place_order() -> None:
        bus.publish(OrderPlaced())
        user.set("bob")
        bus.publish(OrderPlaced())

    client_of(app, []).get("/")

    assert seen[:2] == ["handler: ada", "async handler: ada"]
    assert seen[2:] == ["handler: bob", "async handler: bob"]


@both_forms
def test_what_a_handler_changes_stays_with_it(form: Form) -> None:
    """Each runs in a copy of the publisher's context, so none leaves something for the next."""
    app, bus, seen = form(), Bus(), list[str]()

    @bus.on(OrderPlaced, via=after_response)
    async def become_root(event: OrderPlaced) -> None:
        user.set("root")
        await anyio.lowlevel.checkpoint()
        seen.append(user.get())

    bus.subscribe(OrderPlaced, after_response(lambda event: seen.append(user.get())))

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, []).get("/")

    assert seen == ["root", "nobody"]


@both_forms
def test_what_a_handler_publishes_is_caused_by_its_event(form: Form) -> None:
    """All that one request caused has one correlation id, and a chain of causes."""
    app, bus, ids = form(), Bus(), dict[str, tuple[str, str | None, str]]()

    def keep(what: str) -> None:
        envelope = current_envelope()
        ids[what] = (envelope.id, envelope.causation_id, envelope.correlation_id)

    @bus.on(OrderPlaced, via=after_response)
    def send_invoice(event: OrderPlaced) -> None:
        keep("placed")
        bus.publish(InvoiceSent())

    @bus.on(InvoiceSent, via=after_response)
    async def file_invoice(event: InvoiceSent) -> None:
        keep("sent")

    @app.get("/")
    async def place_order() -> None:
        bus.publish(OrderPlaced())

    client_of(app, []).get("/")

    placed, sent = ids["placed"], ids["sent"]
    assert placed == (placed[0], None, placed[0])
    assert sent == (sent[0], placed[0], placed[0])
    assert sent[0] != placed[0]
