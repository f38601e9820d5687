"""The databases and sessions that the rules are tested on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.sqlalchemy.shop import Shop
from tests.servers.database import Database

DATABASES = ["sqlite", "postgresql", "mariadb"]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Run async tests on asyncio alone: SQLAlchemy knows no other loop."""
    return "asyncio"


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    """A new SQLite file."""
    file = tmp_path / "shop.sqlite"
    return Database(f"sqlite:///{file}", f"sqlite+aiosqlite:///{file}", {})


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database of each kind."""
    name = {"postgresql": "postgres"}.get(request.param, request.param)
    found: Database = request.getfixturevalue(f"{name}_database")
    return found


@pytest.fixture(params=["Session", "AsyncSession"])
def shop(request: pytest.FixtureRequest, database: Database) -> Iterator[Shop]:
    """A shop on each database, whose work is done in sessions of each kind."""
    yield from opened(Shop(database, in_tasks=request.param == "AsyncSession"))


@pytest.fixture
def sync_shop(database: Database) -> Iterator[Shop]:
    """A shop on each database, whose work is done in a Session."""
    yield from opened(Shop(database, in_tasks=False))


@pytest.fixture
def sqlite_shop(sqlite_database: Database) -> Iterator[Shop]:
    """A shop on SQLite, for rules that are the same on each database."""
    yield from opened(Shop(sqlite_database, in_tasks=False))


@pytest.fixture
def sqlite_async_shop(sqlite_database: Database) -> Iterator[Shop]:
    """A shop on SQLite, whose work is done in an AsyncSession."""
    yield from opened(Shop(sqlite_database, in_tasks=True))


def opened(shop: Shop) -> Iterator[Shop]:
    """Give *shop*, and close it in the end."""
    try:
        yield shop
    finally:
        shop.close()
