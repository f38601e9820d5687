"""Stores on each database, empty."""

from collections.abc import Iterator

import pytest

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, harness_on


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def harness(request: pytest.FixtureRequest) -> Iterator[SqlHarness]:
    """A store on each database."""
    name = {"postgresql": "postgres"}.get(request.param, request.param)
    with harness_on(request.getfixturevalue(f"{name}_url")) as harness:
        yield harness


@pytest.fixture(params=["postgresql", "mariadb"])
def server_harness(request: pytest.FixtureRequest) -> Iterator[SqlHarness]:
    """A store on each database that is a server, and has several writers at a time."""
    name = {"postgresql": "postgres"}.get(request.param, request.param)
    with harness_on(request.getfixturevalue(f"{name}_url")) as harness:
        yield harness


@pytest.fixture
def sqlite_harness(sqlite_url: str) -> Iterator[SqlHarness]:
    """A store on SQLite."""
    with harness_on(sqlite_url) as harness:
        yield harness


@pytest.fixture
def postgres_harness(postgres_url: str) -> Iterator[SqlHarness]:
    """A store on PostgreSQL."""
    with harness_on(postgres_url) as harness:
        yield harness


@pytest.fixture
def mariadb_harness(mariadb_url: str) -> Iterator[SqlHarness]:
    """A store on MariaDB."""
    with harness_on(mariadb_url) as harness:
        yield harness
