"""Both forms of the FastAPI adapter, and what the tests of them share."""

from collections.abc import Callable
from typing import Literal, TypeAlias

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from typedbus import Bus, Event
from typedbus.adapters.fastapi import (
    AfterResponseMiddleware,
    after_response,
    release_in_background,
)


class OrderPlaced(Event):
    order_id: int = 1


class InvoiceSent(Event):
    order_id: int = 1


def with_middleware(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return an application with the middleware."""
    app = FastAPI(lifespan=lifespan)
    app.add_middleware(AfterResponseMiddleware)
    return app


def with_dependency(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Return an application with the dependency."""
    return FastAPI(lifespan=lifespan, dependencies=[Depends(release_in_background)])


Form: TypeAlias = Callable[..., FastAPI]
FORMS = [
    pytest.param(with_middleware, id="middleware"),
    pytest.param(with_dependency, id="dependency"),
]
both_forms = pytest.mark.parametrize("form", FORMS)


class Noting:
    """An ASGI application that notes in *log* when a response of *app* begins and is out."""

    def __init__(self, app: ASGIApp, log: list[str]) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_note(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                self._log.append(f"response {message['status']}")
            elif message["type"] == "http.response.body" and not message.get("more_body"):
                self._log.append("response out")

        await self._app(scope, receive, send_and_note)


def client_of(
    app: ASGIApp,
    log: list[str],
    *,
    raises: bool = True,
    backend: Literal["asyncio", "trio"] = "asyncio",
) -> TestClient:
    """Return a client whose responses are noted in *log*.

    What the application raises comes out of the client; without *raises*, it sees what a real one
    would see.
    """
    return TestClient(
        Noting(app, log), raise_server_exceptions=raises, follow_redirects=False, backend=backend
    )


def noting_bus(log: list[str]) -> Bus:
    """Return a bus with a sync and an async handler of `OrderPlaced` that note the order."""
    bus = Bus()

    @bus.on(OrderPlaced, via=after_response)
    def handle(event: OrderPlaced) -> None:
        log.append(f"handler {event.order_id}")

    @bus.on(OrderPlaced, via=after_response)
    async def handle_async(event: OrderPlaced) -> None:
        log.append(f"async handler {event.order_id}")

    return bus
