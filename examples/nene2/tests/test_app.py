"""Sections 1, 3 and 4: handlers after the response, on both forms of the app."""

import pytest
from fastapi import BackgroundTasks, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nene2.events import DomainEvent, OrderPlaced, UserCreated
from nene2.mail import Mail
from nene2.services import Services
from typedbus.adapters.fastapi import after_response

ALICE = {"name": "Alice", "email": "alice@example.com"}
ORDER = {"email": "alice@example.com", "total_amount": 1200}


def test_a_test_sees_events_by_subscribing_a_list(client: TestClient, services: Services) -> None:
    """Section 4: the list gets the typed events, and the subscription ends with its block."""
    events: list[UserCreated] = []

    with services.bus.subscribe(UserCreated, events.append):
        response = client.post("/users", json=ALICE)

    assert response.status_code == 201
    assert response.json() == {"user_id": 1, **ALICE}
    assert [event.email for event in events] == ["alice@example.com"]


def test_under_the_test_client_the_handlers_are_done_when_the_call_returns(
    client: TestClient, services: Services
) -> None:
    """Section 4: nothing to wait for, no matter which handler runs when."""
    client.post("/users", json=ALICE)

    assert services.mailer.sent == [Mail("alice@example.com", "Welcome!")]
    assert len(services.audit.lines) == 1


def test_a_handler_after_the_response_runs_after_the_response(
    app: FastAPI, services: Services
) -> None:
    """Sections 1 and 3, told from an immediate bus: the response is out before the handler runs."""
    steps: list[str] = []

    @services.bus.on(UserCreated)
    def inline(event: UserCreated) -> None:
        steps.append("inline")

    @services.bus.on(UserCreated, via=after_response)
    def later(event: UserCreated) -> None:
        steps.append("after the response")

    TestClient(noting_the_response(app, steps)).post("/users", json=ALICE)

    assert steps == ["inline", "response", "after the response"]


def test_an_async_handler_is_awaited_after_the_response(
    client: TestClient, services: Services
) -> None:
    """The bus is a plain `Bus`, the endpoints are plain functions, the handler may still await."""
    events: list[UserCreated] = []

    @services.bus.on(UserCreated, via=after_response)
    async def notify(event: UserCreated) -> None:
        events.append(event)

    client.post("/users", json=ALICE)

    assert [event.email for event in events] == ["alice@example.com"]


def test_a_failing_handler_does_not_turn_a_saved_order_into_a_500(
    client: TestClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """The order stands and the client is told so; the failure is in the log."""
    services.bus.subscribe(OrderPlaced, fail)

    response = client.post("/orders", json=ORDER)

    assert response.status_code == 201
    assert [order.order_id for order in services.orders] == [response.json()["order_id"]]
    assert "the stock is out of reach" in caplog.text


def test_a_failing_handler_keeps_no_other_from_running(
    client: TestClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither inline nor after the response, where one BackgroundTask stops those behind it."""
    events: list[OrderPlaced] = []
    services.bus.subscribe(OrderPlaced, fail)
    services.bus.subscribe(OrderPlaced, events.append)
    services.bus.subscribe(OrderPlaced, after_response(fail))
    services.bus.subscribe(OrderPlaced, after_response(events.append))

    client.post("/orders", json=ORDER)

    assert len(events) == 2
    assert [record.name for record in caplog.records] == ["typedbus", "typedbus"]


def test_a_request_that_failed_runs_nothing_later(
    app: FastAPI, client: TestClient, services: Services
) -> None:
    """Published, and then the request came to nothing: nobody is welcomed."""

    @app.post("/refused")
    def refuse() -> None:
        services.bus.publish(UserCreated(user_id=1, email="alice@example.com"))
        raise HTTPException(409)

    response = client.post("/refused")

    assert response.status_code == 409
    assert services.mailer.sent == []


def test_an_address_that_is_taken_is_published_once(client: TestClient, services: Services) -> None:
    """The error of the use case becomes a 409, without an event."""
    client.post("/users", json=ALICE)

    response = client.post("/users", json=ALICE)

    assert response.status_code == 409
    assert len(services.mailer.sent) == 1


def test_cancelling_an_order_is_published_if_there_was_one(
    client: TestClient, services: Services
) -> None:
    """204 and an event, or 404 and none."""
    events: list[DomainEvent] = []
    order_id = client.post("/orders", json=ORDER).json()["order_id"]

    with services.bus.subscribe(DomainEvent, events.append):
        statuses = [client.delete(f"/orders/{order_id}").status_code for _ in range(2)]

    assert statuses == [204, 404]
    assert [type(event).__name__ for event in events] == ["OrderCancelled"]


def test_background_tasks_of_an_endpoint_work_as_before(
    app: FastAPI, client: TestClient, services: Services
) -> None:
    """Section 1 as printed, beside an event: one may come to events endpoint by endpoint."""
    done: list[str] = []

    @app.post("/plain", status_code=201)
    def create_user(background_tasks: BackgroundTasks) -> JSONResponse:
        services.bus.publish(UserCreated(user_id=1, email="alice@example.com"))
        background_tasks.add_task(done.append, "alice@example.com")
        return JSONResponse({"user_id": 1}, status_code=201)

    client.post("/plain")

    assert done == ["alice@example.com"]
    assert services.mailer.sent == [Mail("alice@example.com", "Welcome!")]


def noting_the_response(app: ASGIApp, steps: list[str]) -> ASGIApp:
    """Return *app* with a note in *steps* when a response is sent to its end."""

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_note(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                steps.append("response")

        await app(scope, receive, send_and_note)

    return noted


def fail(event: OrderPlaced) -> None:
    """Fail, as a handler that needs another machine does one day."""
    raise ConnectionError("the stock is out of reach")
