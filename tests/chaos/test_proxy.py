"""The door between a process and its database does what faults need of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import psycopg
import pytest
import sqlalchemy

from tests.chaos.proxy import Proxy, mariadb_proxy, postgres_proxy
from tests.servers.postgres import PORT, USER, Postgres


@pytest.fixture
def door(postgres: Postgres) -> Iterator[Proxy]:
    """A door to the PostgreSQL of this run."""
    with postgres_proxy(postgres.host, PORT) as proxy:
        yield proxy


def connected(door: Proxy, database: str) -> psycopg.Connection:
    """Return a connection by *door*."""
    return psycopg.connect(host="127.0.0.1", port=door.port, user=USER, dbname=database)


@pytest.fixture
def database(postgres_url: str) -> str:
    """The name of a database with one empty table."""
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS told"))
        connection.execute(sqlalchemy.text("CREATE TABLE told (id int PRIMARY KEY)"))
    engine.dispose()
    return sqlalchemy.make_url(postgres_url).database or ""


def told(door: Proxy, database: str) -> int:
    """Return how many rows were committed."""
    with connected(door, database) as connection:
        row = connection.execute("SELECT count(*) FROM told").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(("fate", "kept"), [("lose the reply", 1), ("lose it", 0)])
@pytest.mark.parametrize("prepare", [False, True], ids=["plain", "prepared"])
def test_a_commit_whose_reply_is_lost_is_committed(
    door: Proxy, database: str, fate: str, kept: int, *, prepare: bool
) -> None:
    """The client cannot tell it from a COMMIT that never came: that is the trouble with it."""
    trap = door.trap("INSERT INTO told", "lose the reply" if kept else "lose it")

    with connected(door, database) as connection:
        connection.execute("INSERT INTO told VALUES (%s)", [1], prepare=prepare)
        with pytest.raises(psycopg.OperationalError):
            connection.commit()
    trap.wait_until_sprung()

    assert told(door, database) == kept, fate


def test_only_the_transaction_that_is_asked_for_is_caught(door: Proxy, database: str) -> None:
    """A relay commits many things; a scenario means one of them."""
    door.trap("DELETE FROM told", "lose it")

    with connected(door, database) as connection:
        connection.execute("INSERT INTO told VALUES (1)")

    assert told(door, database) == 1


def test_a_statement_of_an_earlier_transaction_is_forgotten(door: Proxy, database: str) -> None:
    """What was rolled back before says nothing about this COMMIT."""
    door.trap("INSERT INTO told", "lose it")

    with connected(door, database) as connection:
        connection.execute("INSERT INTO told VALUES (1)")
        connection.rollback()
        connection.execute("SELECT 1")
        connection.commit()

    assert told(door, database) == 0


def test_cut_connections_are_gone_and_new_ones_work(door: Proxy, database: str) -> None:
    """As when a network device forgets its connections."""
    with connected(door, database) as connection:
        connection.execute("SELECT 1")
        connection.commit()

        assert door.cut() == 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")

    assert told(door, database) == 0


def test_a_door_that_refuses_lets_nobody_in(door: Proxy, database: str) -> None:
    """As when the database is away."""
    door.refuses = True

    with pytest.raises(psycopg.OperationalError):
        connected(door, database)


def test_a_hushed_connection_seems_to_stand(door: Proxy, database: str) -> None:
    """Half open: nobody is told anything until somebody speaks again."""
    with connected(door, database) as connection, ThreadPoolExecutor(1) as another:
        door.hush()
        answer = another.submit(connection.execute, "SELECT 1")
        done, _ = wait([answer], timeout=0.05)
        assert not done

        door.speak()

        assert answer.result(10).fetchone() == (1,)


def test_a_reply_to_commit_can_be_lost_on_mariadb(mariadb_url: str) -> None:
    """The same, in the words of MySQL."""
    url = sqlalchemy.make_url(mariadb_url)
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE told (id int PRIMARY KEY)"))

    with mariadb_proxy(url.host or "", url.port or 3306) as door:
        trap = door.trap("INSERT INTO told", "lose the reply")
        client = sqlalchemy.create_engine(url.set(host="127.0.0.1", port=door.port))
        with client.connect() as connection:
            connection.execute(sqlalchemy.text("INSERT INTO told VALUES (1)"))
            with pytest.raises(sqlalchemy.exc.OperationalError):
                connection.commit()
        client.dispose()
        trap.wait_until_sprung()

    with engine.connect() as connection:
        count = connection.execute(sqlalchemy.text("SELECT count(*) FROM told")).scalar_one()
    engine.dispose()
    assert count == 1
