"""What a test gets: services of its own, and a client on either form of the app."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from nene2.app import create_app, create_app_without_middleware
from nene2.services import Services, create_services
from typedbus.adapters.fastapi import after_response


@pytest.fixture
def services() -> Services:
    """Everything one app is made of, subscribed as in production; nobody resets it."""
    return create_services(later=after_response)


@pytest.fixture(
    params=[create_app, create_app_without_middleware], ids=["middleware", "background-tasks"]
)
def app(request: pytest.FixtureRequest, services: Services) -> FastAPI:
    """Either form of the app, over *services*."""
    make: Callable[[Services], FastAPI] = request.param
    return make(services)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of *app*."""
    with TestClient(app) as client:
        yield client
