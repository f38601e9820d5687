"""The servers that tests and examples can ask for; each starts when the first test asks.

Nothing is imported before: most runs need no server.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.absence import absence_skips
from tests.servers.database import Database
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.rabbitmq import Queues, find_rabbitmq
from tests.servers.valkey import Valkey


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this run."""
    with absence_skips():
        server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def postgres_database(postgres: Postgres) -> Iterator[Database]:
    """A new PostgreSQL database for the tests of one file."""
    with postgres.database() as database:
        yield database


@pytest.fixture(scope="module")
def postgres_url(postgres_database: Database) -> str:
    """Where that database is; psycopg serves sync and async engines alike."""
    return postgres_database.url


@pytest.fixture(scope="session")
def mariadb() -> MariaDB:
    """The MariaDB of this machine."""
    with absence_skips():
        return MariaDB()


@pytest.fixture(scope="module")
def mariadb_database(mariadb: MariaDB) -> Iterator[Database]:
    """A new MariaDB database for the tests of one file."""
    with mariadb.database() as database:
        yield database


@pytest.fixture(scope="module")
def mariadb_url(mariadb_database: Database) -> str:
    """Where that database is, for a sync engine (pymysql)."""
    return mariadb_database.url


@pytest.fixture(scope="module")
def mariadb_async_url(mariadb_database: Database) -> str:
    """Where that database is, for an async engine (aiomysql)."""
    return mariadb_database.async_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A new SQLite file, for a sync engine."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture
def sqlite_async_url(tmp_path: Path) -> str:
    """The same file, for an async engine (aiosqlite)."""
    return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A Valkey of this run, which no test may stop."""
    with absence_skips():
        server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    """Where that server is; it holds nothing yet."""
    valkey.clear()
    return valkey.url


@pytest.fixture
def private_valkey() -> Iterator[Valkey]:
    """A Valkey of this test, which may stop it and start it again."""
    with absence_skips():
        server = Valkey()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """The RabbitMQ of this machine."""
    with absence_skips():
        return find_rabbitmq()


@pytest.fixture
def rabbitmq_queues(rabbitmq_url: str) -> Iterator[Queues]:
    """Names for the queues of one test; they are deleted when it is over."""
    queues = Queues(rabbitmq_url)
    yield queues
    queues.delete()
