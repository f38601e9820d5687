"""What a test gets: an app on a database of its own, and somebody who is logged in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fastsoyadmin.app import create_app
from fastsoyadmin.tests.seeing import ALICE, Seen


@pytest.fixture
def database(tmp_path: Path) -> str:
    """An empty database that no other test sees; nobody resets it."""
    return f"sqlite+aiosqlite:///{tmp_path}/admin.sqlite3"


@pytest.fixture
def anonymous(database: str) -> Iterator[TestClient]:
    """A client of a new app that has no user yet."""
    with TestClient(create_app(database)) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient) -> TestClient:
    """A client that is logged in as Alice, user number 1."""
    anonymous.post("/system/users", json=ALICE)
    token = anonymous.post("/system/login", json=ALICE).json()["token"]
    anonymous.headers["Authorization"] = f"Bearer {token}"
    return anonymous


@pytest.fixture
def seen(client: TestClient) -> Seen:
    """What *client* can see."""
    return Seen(client)
