"""What a store does when its database, or somebody in it, gets in the way."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, StaticPool, create_engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, engine_on, harness_on
from tests.servers.absence import absence_skips
from tests.servers.postgres import Postgres
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import OutboxError, StoreAwayError
from typedbus.outbox.records import Settlement
from typedbus.testing.conformance.records import Relay, held, record, start, waiting, write

HOUR = timedelta(hours=1)


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Give a server that may be stopped."""
    with absence_skips():
        server = Postgres()
    try:
        yield server
    finally:
        server.stop()


def isolation_of(engine: Engine) -> tuple[str, bool]:
    """Return what a connection of the pool has: its level, and whether it commits by itself."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        autocommit = driver.autocommit
        if not isinstance(autocommit, bool):
            autocommit = driver.get_autocommit()
        return connection.get_isolation_level(), autocommit


def end_all_others(harness: SqlHarness) -> None:
    """End every session of this database but the one that says so."""
    with harness.engine.begin() as connection:
        if harness.engine.dialect.name == "postgresql":
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            return
        query = (
            "SELECT id FROM information_schema.processlist"
            " WHERE db = database() AND id <> connection_id()"
        )
        for session in connection.scalars(text(query)).all():
            connection.execute(text(f"KILL {session:d}"))


def test_connections_that_died_unseen_are_replaced(server_harness: SqlHarness) -> None:
    """A server that was started anew is no reason to fail: the call is made again."""
    (number,) = write(server_harness, record())
    relay = start(server_harness)
    relay.read()
    relay.settle()

    end_all_others(server_harness)

    assert relay.fresh() == [number]
    end_all_others(server_harness)
    relay.settle(done=[number])
    end_all_others(server_harness)
    relay.store.renew_lease(relay.lease, HOUR)
    assert relay.fresh() == []


def test_a_database_that_is_away_is_said_to_be() -> None:
    """Each call says so, and the store works again once it is back."""
    with private_postgres() as server:
        with server.database() as database, harness_on(database.url) as harness:
            relay = start(harness)
            url = database.url
        server.stop()

        away = SqlStore(engine_on(url), Tables(MetaData()))
        calls: list[Callable[[], object]] = [
            lambda: away.take_lease(harness.relay(), HOUR),
            lambda: away.renew_lease(relay.lease, HOUR),
            lambda: away.release_lease(relay.lease),
            lambda: Relay(away, relay.lease).read(),
            lambda: away.read_unknown(relay.lease, handlers=["a"], limit=1),
            lambda: away.occupied(relay.lease),
            lambda: away.paused(relay.lease),
            lambda: away.settle(relay.lease, Settlement()),
            lambda: away.know_handlers(relay.lease, ["a"]),
        ]
        for call in calls:
            with pytest.raises(StoreAwayError) as raised:
                call()
            assert "does not answer" in raised.value.problem


def test_a_deadlock_is_met_by_trying_again(postgres_harness: SqlHarness) -> None:
    """The database ends one of two that wait for each other; the store is none the wiser."""
    first, second = write(postgres_harness, record(), record())
    relay = start(postgres_harness)
    relay.put(waiting(first), waiting(second))
    row = text("SELECT 1 FROM typedbus_delivery WHERE id = :id FOR UPDATE")
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    with ThreadPoolExecutor(1) as pool, postgres_harness.engine.connect() as other:
        # The other one looks for deadlocks last, so that it is not the one that is ended.
        other.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        other.execute(row, {"id": second})
        settling = pool.submit(relay.settle, removed=[("billing", first), ("billing", second)])
        while not other.scalar(waits):
            assert not settling.done()
        other.execute(row, {"id": first})
        other.commit()
        settling.result()

    assert not postgres_harness.deliveries()


def test_a_relay_does_not_wait_for_the_pool_of_its_handlers(server_harness: SqlHarness) -> None:
    """Handlers may use up every connection, and wait for the relay with them."""
    url = server_harness.engine.url
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    store = SqlStore(engine, server_harness.tables)
    (number,) = write(server_harness, record())
    relay = start(server_harness, store)
    relay.read()
    relay.settle()

    with engine.connect():
        relay.settle(done=relay.fresh())
        store.renew_lease(relay.lease, HOUR)

    assert number not in server_harness.pending()
    store.close()
    engine.dispose()


def test_a_store_that_is_closed_can_be_used_again(harness: SqlHarness) -> None:
    """It connects anew; a second relay of one process needs that."""
    relay = start(harness)
    relay.store.close()  # type: ignore[attr-defined]  # a SqlStore
    relay.store.close()  # type: ignore[attr-defined]  # twice is fine

    (number,) = write(harness, record())

    assert relay.fresh() == [number]


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE", "REPEATABLE READ"])
def test_the_isolation_of_the_engine_does_not_matter(
    server_harness: SqlHarness, level: str
) -> None:
    """The store needs READ COMMITTED, says so itself, and leaves the others as they were."""
    engine = create_engine(server_harness.engine.url, isolation_level=level, pool_size=1)
    before = isolation_of(engine)
    store = SqlStore(engine, server_harness.tables)
    relay = start(server_harness, store)
    first, second = write(server_harness, record("k"), record("k"))

    assert relay.fresh() == [first, second]
    relay.put(held(first, "k"), held(second, "k"))
    relay.settle(removed=[("billing", first)])
    (third,) = write(server_harness, record("k"))
    assert relay.fresh() == [third]

    assert relay.late() == [("billing", second)]
    store.close()
    after = isolation_of(engine), isolation_of(engine)
    engine.dispose()
    assert after == (before, before)


def test_a_settlement_that_fails_keeps_nothing(server_harness: SqlHarness) -> None:
    """Not even on an engine that commits each statement for itself."""
    engine = create_engine(server_harness.engine.url, isolation_level="AUTOCOMMIT")
    store = SqlStore(engine, server_harness.tables)
    relay = start(server_harness, store)
    (number,) = write(server_harness, record())

    with pytest.raises(DBAPIError):
        relay.put(waiting(number)._replace(handler="x" * 300))

    assert list(server_harness.pending()) == [number]
    store.close()
    engine.dispose()


def test_what_is_no_outage_is_raised_as_it_is(postgres_harness: SqlHarness) -> None:
    """A right that is missing will not come back by waiting."""
    with postgres_harness.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS poor"))
        connection.execute(text("CREATE ROLE poor LOGIN"))
    url = postgres_harness.engine.url.set(username="poor")
    engine = create_engine(url)
    store = SqlStore(engine, postgres_harness.tables)

    with pytest.raises(ProgrammingError, match="permission denied"):
        store.take_lease(postgres_harness.relay(), HOUR)

    store.close()
    engine.dispose()
    with postgres_harness.engine.begin() as connection:
        connection.execute(text("DROP ROLE poor"))


def test_a_database_that_nobody_knows_is_refused() -> None:
    """The message names those that are known."""
    engine = create_engine("sqlite://")
    engine.dialect.name = "oracle"

    with pytest.raises(OutboxError, match="PostgreSQL, MariaDB or SQLite"):
        SqlStore(engine, Tables(MetaData()))


def test_a_database_in_memory_works(sqlite_harness: SqlHarness) -> None:
    """For tests of programs: one connection, which everybody shares."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    tables = Tables(MetaData())
    tables.metadata.create_all(engine)
    store = SqlStore(engine, tables)
    relay = start(sqlite_harness, store)
    written = record()
    with engine.begin() as connection:
        store.insert_records(connection, [written])

    (stored,) = relay.read().fresh
    relay.settle(done=[stored.id])

    assert stored[1:] == written
    assert relay.fresh() == []
    store.close()
    engine.dispose()


def test_a_database_in_memory_is_not_disturbed(sqlite_harness: SqlHarness) -> None:
    """While somebody is in a transaction on the one connection, the store does not write."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    tables = Tables(MetaData())
    tables.metadata.create_all(engine)
    store = SqlStore(engine, tables)
    relay = start(sqlite_harness, store)

    with engine.connect() as connection:
        store.insert_records(connection, [record()])
        with pytest.raises(StoreAwayError, match="in the middle of a transaction"):
            relay.settle(done=[1])
        connection.commit()

    assert len(relay.fresh()) == 1
    store.close()
    engine.dispose()
