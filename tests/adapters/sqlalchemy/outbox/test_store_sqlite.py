"""SQLite has one writer, and drivers and users that begin transactions in their own ways."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.testing.conformance.records import held, record, start, write


def begun_by_the_driver(url: str) -> Engine:
    """Return an engine as it comes."""
    return create_engine(url)


def begun_by_nobody(url: str) -> Engine:
    """Return an engine on which each statement is a transaction."""
    return create_engine(url, isolation_level="AUTOCOMMIT")


def begun_by_a_listener(url: str) -> Engine:
    """Return an engine as SQLAlchemy's documentation says, where the driver begins too late."""
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, made: object) -> None:  # Any: of the driver
        del made
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def begun_all_the_time(url: str) -> Engine:
    """Return an engine whose driver keeps a transaction open always, as of Python 3.12."""
    return create_engine(url, connect_args={"autocommit": False})


WAYS = [
    begun_by_the_driver,
    begun_by_nobody,
    begun_by_a_listener,
    pytest.param(
        begun_all_the_time,
        marks=pytest.mark.skipif(
            sys.version_info < (3, 12), reason="sqlite3 has no autocommit=False before Python 3.12"
        ),
    ),
]


@pytest.mark.parametrize("made", WAYS)
def test_it_does_not_matter_who_begins(
    sqlite_harness: SqlHarness, sqlite_url: str, made: Callable[[str], Engine]
) -> None:
    """The store begins as it needs to, commits what it wrote, and rolls back what it must not."""
    engine = made(sqlite_url)
    store = SqlStore(engine, sqlite_harness.tables)
    first, second, third = write(sqlite_harness, record("k"), record("k"), record())
    relay = start(sqlite_harness, store)

    relay.put(held(first, "k"), held(second, "k"))
    relay.settle(done=[third], removed=[("billing", first)])

    assert sqlite_harness.pending() == []
    assert [late.id for late in sqlite_harness.deliveries()] == [second]
    assert relay.late() == [("billing", second)]
    sqlite_harness.pass_time(20 * sqlite_harness.tick)
    assert sqlite_harness.store.take_lease(sqlite_harness.relay(), sqlite_harness.tick)
    store.close()
    engine.dispose()


@pytest.mark.parametrize("made", WAYS)
def test_writers_wait_for_each_other(
    sqlite_harness: SqlHarness, sqlite_url: str, made: Callable[[str], Engine]
) -> None:
    """A relay that settles among writers fails at none of them for a locked database."""
    many = 50
    engine = made(sqlite_url)
    dialect = dialect_of(sqlite_harness.tables, engine.dialect)
    store = SqlStore(engine, sqlite_harness.tables)
    relay = start(sqlite_harness, store)
    barrier = Barrier(3)

    def publish() -> None:
        barrier.wait()
        for _ in range(many):
            with engine.connect() as connection, connection.begin():
                dialect.begin(connection)
                dialect.insert(connection, [record()])

    def settle() -> int:
        barrier.wait()
        done = 0
        while done < 2 * many:
            fresh = relay.fresh()
            relay.settle(done=fresh)
            done += len(fresh)
        return done

    with ThreadPoolExecutor(3) as pool:
        publishing = [pool.submit(publish) for _ in range(2)]
        settling = pool.submit(settle)
        for each in publishing:
            each.result()
        assert settling.result() == 2 * many
    store.close()
    engine.dispose()
