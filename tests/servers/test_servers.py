"""The servers that tests can ask for: each is there, is the test's own, and goes away."""

import asyncio
from pathlib import Path

import kombu
import pytest
import redis
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.servers.database import Database
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.rabbitmq import Queues
from tests.servers.runs import lines_of_run
from tests.servers.valkey import Valkey

PATIENCE = 30
"""Seconds until a test that hangs fails; none waits for it to pass."""

URLS = ["postgres_url", "mariadb_url", "sqlite_url"]
ASYNC_URLS = ["postgres_url", "mariadb_async_url", "sqlite_async_url"]


def fixture(name: str, request: pytest.FixtureRequest) -> str:
    """Return the URL that the fixture *name* gives."""
    return str(request.getfixturevalue(name))


def run(url: str, *statements: str) -> list[object]:
    """Run *statements*; return the first column of the last one's rows."""
    engine = create_engine(url)
    rows: list[object] = []
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
            rows = list(result.scalars()) if result.returns_rows else []
    engine.dispose()
    return rows


def tables_in(database: Database) -> list[str]:
    """Return the names of the tables in *database*."""
    engine = create_engine(database.url)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    return tables


@pytest.mark.parametrize("name", URLS)
def test_a_database_keeps_what_it_is_given(name: str, request: pytest.FixtureRequest) -> None:
    """A sync engine reaches it by its URL."""
    url = fixture(name, request)
    run(url, "CREATE TABLE orders (name VARCHAR(20))")

    run(url, "INSERT INTO orders VALUES ('größer')")

    assert run(url, "SELECT name FROM orders") == ["größer"]


@pytest.mark.parametrize("name", ASYNC_URLS)
def test_a_database_answers_an_async_engine(name: str, request: pytest.FixtureRequest) -> None:
    """An async engine reaches it by its URL."""

    async def ask(url: str) -> object:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            answer: object = await connection.scalar(text("SELECT 20 + 22"))
        await engine.dispose()
        return answer

    answer = asyncio.run(ask(fixture(name, request)))

    assert answer == 42


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_what_is_in_one_database_is_not_in_another(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Two databases of one server share nothing."""
    server: Postgres | MariaDB = request.getfixturevalue(name)

    with server.database() as one, server.database() as other:
        run(one.url, "CREATE TABLE orders (name VARCHAR(20))")

        assert tables_in(one) == ["orders"]
        assert tables_in(other) == []


@pytest.mark.parametrize(
    ("name", "databases"),
    [("postgres", "SELECT datname FROM pg_database"), ("mariadb", "SHOW DATABASES")],
    ids=["postgres", "mariadb"],
)
def test_a_database_is_dropped(name: str, databases: str, request: pytest.FixtureRequest) -> None:
    """Nothing of it is left on the server."""
    server: Postgres | MariaDB = request.getfixturevalue(name)

    with server.database() as one:
        run(one.url, "CREATE TABLE orders (name VARCHAR(20))")

    with server.database() as other:
        left = run(other.url, databases)
    assert other.django["NAME"] in left
    assert one.django["NAME"] not in left


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_database_goes_away_though_somebody_uses_it(
    name: str, request: pytest.FixtureRequest
) -> None:
    """A test that failed inside of a transaction keeps no later one waiting."""
    server: Postgres | MariaDB = request.getfixturevalue(name)

    with server.database() as database:
        engine = create_engine(database.url)
        connection = engine.connect()
        connection.execute(text("CREATE TABLE orders (name VARCHAR(20))"))
        connection.execute(text("SELECT * FROM orders"))

    connection.invalidate()
    connection.close()
    engine.dispose()


@pytest.mark.parametrize("name", ["postgres_database", "mariadb_database"])
def test_a_database_is_told_to_django_too(name: str, request: pytest.FixtureRequest) -> None:
    """What Django needs names the same database."""
    database: Database = request.getfixturevalue(name)

    assert database.django["NAME"] in database.url
    assert {"ENGINE", "HOST", "PORT", "USER", "PASSWORD"} < set(database.django)


SUITE = """
def test_keeps(postgres_url, mariadb_url):
    print("", postgres_url, mariadb_url, sep="\\n")
"""


def test_each_file_has_databases_of_its_own(
    tmp_path: Path, postgres: Postgres, mariadb: MariaDB
) -> None:
    """Neither finds what another left."""
    (tmp_path / "test_one.py").write_text(SUITE, encoding="utf-8")
    (tmp_path / "test_other.py").write_text(SUITE, encoding="utf-8")

    lines = lines_of_run(tmp_path)

    urls = {line for line in lines if line.startswith(("postgresql+psycopg:", "mysql+pymysql:"))}
    assert len(urls) == 4


@pytest.mark.parametrize("turn", ["one", "other"])
def test_a_valkey_has_forgotten_what_the_last_test_stored(
    valkey: Valkey, valkey_url: str, turn: str
) -> None:
    """Its URL is given out anew for each test, with nothing in it."""
    assert valkey_url == valkey.url
    with redis.Redis.from_url(valkey_url) as client:
        found = client.get("order")
        client.set("order", turn)

    assert found is None


def test_a_private_valkey_goes_away_and_comes_back(private_valkey: Valkey) -> None:
    """While it is stopped it refuses; then it is where it was, and has forgotten everything."""
    with redis.Redis.from_url(private_valkey.url) as client:
        client.set("order", "17")

    private_valkey.stop()

    with (
        redis.Redis.from_url(private_valkey.url, retry=None) as client,
        pytest.raises(redis.ConnectionError, match="refused"),
    ):
        client.ping()

    private_valkey.start()

    with redis.Redis.from_url(private_valkey.url) as client:
        assert client.get("order") is None


def test_a_private_valkey_is_not_the_one_of_the_run(valkey: Valkey, private_valkey: Valkey) -> None:
    """To stop it disturbs nobody."""
    private_valkey.stop()

    valkey.clear()


def test_a_queue_hands_over_what_was_sent(rabbitmq_url: str, rabbitmq_queues: Queues) -> None:
    """A message that is published is consumed."""
    name = rabbitmq_queues.new("orders")

    with kombu.Connection(rabbitmq_url) as connection, connection.SimpleQueue(name) as queue:
        queue.put({"order": 17})

        message = queue.get(timeout=PATIENCE)

        message.ack()
        assert message.payload == {"order": 17}


def test_no_queue_is_left(rabbitmq_url: str) -> None:
    """The server is used by others too."""
    queues = Queues(rabbitmq_url)
    name = queues.new("orders")
    with kombu.Connection(rabbitmq_url) as connection:
        with connection.SimpleQueue(name) as queue:
            queue.put({"order": 17})

        queues.delete()

        with connection.channel() as channel:
            asked = kombu.Queue(name, channel=channel)
            with pytest.raises(connection.channel_errors, match="NOT_FOUND"):
                asked.queue_declare(passive=True)
