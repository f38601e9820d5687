"""Requests: handlers run when the transaction of the request is committed."""

import asyncio

import pytest
from django.test import AsyncClient, Client

from tests.adapters.django.inside.billing.models import written

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = ["Client", "AsyncClient"]


def get(client: str, path: str) -> int:
    """Request *path*; return the status."""
    if client == "Client":
        return Client(raise_request_exception=False).get(path).status_code
    return asyncio.run(get_async(path))


async def get_async(path: str) -> int:
    """Request *path* as a server under ASGI does; return the status."""
    response = await AsyncClient(raise_request_exception=False).get(path)
    return response.status_code


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("view", ["sync_view", "view_of_an_async_use_case"])
def test_with_atomic_requests_handlers_run_at_the_end_of_the_request(
    log: list[str], client: str, view: str
) -> None:
    """Before the response is out, when all that the request wrote is committed."""
    status = get(client, f"/{view}")

    assert status == 200
    assert log == ["approved", "mail 1, written [1]", "push 1", "response 200"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_view_that_raises_delivers_nothing(log: list[str], client: str) -> None:
    """Its transaction is rolled back."""
    status = get(client, "/failing_view")

    assert (status, written()) == (500, [])
    assert log == ["approved", "response 500"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_view_without_a_transaction_delivers_at_once(log: list[str], client: str) -> None:
    """Each statement of it is committed by itself."""
    get(client, "/view_without_transaction")

    assert log == ["mail 1, written [1]", "push 1", "approved", "response 200"]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_async_view_delivers_at_once(log: list[str], client: str) -> None:
    """Django has no transactions in async code."""
    get(client, "/async_view")

    assert log == ["mail 1, written [1]", "push 1", "approved", "response 200"]


@pytest.mark.parametrize("client", CLIENTS)
def test_an_async_view_runs_a_use_case_in_a_transaction(log: list[str], client: str) -> None:
    """In a thread, by `sync_to_async` around the whole unit, as Django asks for."""
    get(client, "/async_view_of_a_use_case")

    assert log == ["approved", "mail 1, written [1]", "push 1", "response 200"]
