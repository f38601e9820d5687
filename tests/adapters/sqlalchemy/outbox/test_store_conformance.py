"""The store passes the suite of stores, on each database, by sync and by async drivers."""

from collections.abc import Iterator

import pytest

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, harness_on
from typedbus.testing.conformance import StoreConformance


class TestSQLite(StoreConformance):
    """SQLite, by the driver of the standard library."""

    @pytest.fixture
    def harness(self, sqlite_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(sqlite_url) as harness:
            yield harness


class TestAsyncSQLite(StoreConformance):
    """SQLite, by aiosqlite."""

    @pytest.fixture
    def harness(self, sqlite_url: str, sqlite_async_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(sqlite_url, sqlite_async_url) as harness:
            yield harness


class TestPostgres(StoreConformance):
    """PostgreSQL, by psycopg."""

    @pytest.fixture
    def harness(self, postgres_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(postgres_url) as harness:
            yield harness


class TestAsyncPostgres(StoreConformance):
    """PostgreSQL, by psycopg in an event loop."""

    @pytest.fixture
    def harness(self, postgres_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(postgres_url, postgres_url) as harness:
            yield harness


class TestMariaDB(StoreConformance):
    """MariaDB, by PyMySQL."""

    @pytest.fixture
    def harness(self, mariadb_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(mariadb_url) as harness:
            yield harness


class TestAsyncMariaDB(StoreConformance):
    """MariaDB, by aiomysql."""

    @pytest.fixture
    def harness(self, mariadb_url: str, mariadb_async_url: str) -> Iterator[SqlHarness]:
        """A store that is empty."""
        with harness_on(mariadb_url, mariadb_async_url) as harness:
            yield harness
