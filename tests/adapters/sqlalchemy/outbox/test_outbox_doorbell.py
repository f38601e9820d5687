"""The doorbell and the lifespan: a relay hears of commits, here and elsewhere, and comes back."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, StaticPool, create_engine, text

from tests.adapters.sqlalchemy.outbox.kiosk import Kiosk, Sold, kiosk_on
from tests.adapters.sqlalchemy.shop import async_engine_of
from tests.servers.database import Database
from typedbus import Bus
from typedbus.adapters.sqlalchemy import Outbox
from typedbus.outbox.settings import RelaySettings

RARELY = RelaySettings(poll=timedelta(minutes=5))
"""So rarely that only a doorbell can have told."""
OFTEN = RelaySettings(poll=timedelta(milliseconds=20))

PUBLISH = """
import sys
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import sessionmaker
from tests.adapters.sqlalchemy.outbox.kiosk import Sold
from typedbus import Bus
from typedbus.adapters.sqlalchemy import Outbox

engine = create_engine(sys.argv[1], pool_size=1, max_overflow=0)
sessions = sessionmaker(engine)
outbox = Outbox(sessions, MetaData())
bus = Bus()
bus.subscribe(Sold, outbox.durable("billing")(lambda event: None))
for number in map(int, sys.argv[2:]):
    with sessions.begin():
        bus.publish(Sold(number=number))
"""


@pytest.fixture
def kiosk(database: Database) -> Iterator[Kiosk]:
    """A kiosk on each database."""
    with kiosk_on(database) as found:
        yield found


async def until(condition: Callable[[], bool]) -> None:
    """Return when *condition* holds."""
    async with asyncio.timeout(40):
        while not condition():  # noqa: ASYNC110 - there is no event for what a database holds
            await asyncio.sleep(0.005)


@asynccontextmanager
async def relaying(kiosk: Kiosk, kind: str, settings: RelaySettings) -> AsyncIterator[Outbox]:
    """Run a relay on an engine of either kind, with a handler that notes what it handles."""
    if kind == "Engine":
        kiosk.owe("billing")
        async with kiosk.outbox.relaying(settings):
            yield kiosk.outbox
        return
    async with async_engine_of(kiosk.database.async_url) as engine:
        outbox = Outbox(engine, kiosk.outbox.tables.metadata)
        kiosk.bus.subscribe(Sold, outbox.durable("billing")(kiosk.noting("billing")))
        async with outbox.relaying(settings):
            yield outbox


@pytest.mark.parametrize("kind", ["Engine", "AsyncEngine"])
def test_a_commit_in_another_process_is_heard(kiosk: Kiosk, kind: str) -> None:
    """Long before the relay would look by itself; MariaDB alone has to be looked at."""
    settings = OFTEN if kiosk.engine.dialect.name == "mysql" else RARELY

    async def run() -> None:
        async with relaying(kiosk, kind, settings):
            await asyncio.to_thread(publish_elsewhere, kiosk, 1)
            await until(lambda: kiosk.log == ["billing 1"])

    asyncio.run(run())


def publish_elsewhere(kiosk: Kiosk, *numbers: int) -> None:
    """Publish in a process of its own, whose pool has one connection."""
    subprocess.run(
        [sys.executable, "-c", PUBLISH, kiosk.database.url, *map(str, numbers)], check=True
    )


@pytest.mark.parametrize("kind", ["Engine", "AsyncEngine"])
def test_a_commit_in_this_process_is_heard(kiosk: Kiosk, kind: str) -> None:
    """By a ring, whatever the database."""

    async def run() -> None:
        async with relaying(kiosk, kind, RARELY) as outbox:
            for number in (1, 2, 3):
                if kind == "Engine":
                    await asyncio.to_thread(kiosk.sold, number)
                else:
                    async with outbox.sessions.begin():
                        kiosk.sell(number)
                await until(lambda: len(kiosk.log) == number)  # noqa: B023 - called before the next

    asyncio.run(run())

    assert kiosk.log == ["billing 1", "billing 2", "billing 3"]


def test_a_database_in_memory_rings_for_its_one_process() -> None:
    """Nobody else can have written to it, and nothing of it can be looked at."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    outbox = Outbox(engine, MetaData())
    outbox.create_tables()
    bus, log = Bus(), list[int]()
    bus.subscribe(Sold, outbox.durable("billing")(lambda event: log.append(event.number)))

    async def run() -> None:
        async with outbox.relaying(RARELY):
            for number in range(1, 21):
                with outbox.sessions.begin():
                    bus.publish(Sold(number=number))
                await until(lambda: len(log) == number)  # noqa: B023 - called before the next

    asyncio.run(run())
    engine.dispose()

    assert log == list(range(1, 21))


@pytest.mark.parametrize("kind", ["Engine", "AsyncEngine"])
def test_a_listener_whose_connection_is_cut_listens_again(
    postgres_database: Database, kind: str
) -> None:
    """After a while; what was told meanwhile is read by then."""
    with kiosk_on(postgres_database) as kiosk:

        async def run() -> None:
            async with relaying(kiosk, kind, RARELY):
                await until(lambda: listeners(kiosk) == 1)
                cut_off_listeners(kiosk)
                await asyncio.to_thread(publish_elsewhere, kiosk, 1)
                await until(lambda: kiosk.log == ["billing 1"])
                await until(lambda: listeners(kiosk) == 1)
                await asyncio.to_thread(publish_elsewhere, kiosk, 2)
                await until(lambda: kiosk.log == ["billing 1", "billing 2"])

        asyncio.run(run())

        assert listeners(kiosk) == 0


def listeners(kiosk: Kiosk) -> int:
    """Return how many connections wait for a notification."""
    with kiosk.engine.connect() as connection:
        found = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )
    return int(found or 0)


def cut_off_listeners(kiosk: Kiosk) -> None:
    """End the connections that wait for a notification."""
    with kiosk.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )


def test_nobody_is_notified_in_the_transaction_of_the_user(postgres_database: Database) -> None:
    """A pool of one connection suffices, and closing the engine closes what tells of commits."""
    with kiosk_on(postgres_database) as kiosk:
        engine = create_engine(
            postgres_database.url, pool_size=1, max_overflow=0, pool_timeout=5, echo_pool=False
        )
        kiosk.sessions.configure(bind=engine)
        kiosk.owe("billing")

        for number in range(30):
            kiosk.sold(number)
        engine.dispose()

        assert kiosk.numbers() == list(range(30))


def test_a_relay_beside_an_application_drains_at_the_end(kiosk: Kiosk) -> None:
    """What was in its hands is done, and the lease is given back."""

    async def run() -> None:
        async with relaying(kiosk, "Engine", RARELY):
            await asyncio.to_thread(kiosk.sold, *range(20))
            await until(lambda: len(kiosk.log) > 0)

    asyncio.run(run())
    kiosk.outbox.drain()

    assert sorted(kiosk.log) == sorted(f"billing {number}" for number in range(20))
    with kiosk.engine.connect() as connection:
        assert connection.scalars(text("SELECT clean FROM typedbus_lease")).all() == [True]


def test_a_relay_that_fails_takes_no_application_down(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and tried again until it goes well."""
    with kiosk_on(sqlite_database) as kiosk:
        kiosk.owe("billing")
        kiosk.outbox.tables.metadata.drop_all(kiosk.engine)

        async def run() -> None:
            with caplog.at_level(logging.ERROR, "typedbus"):
                async with kiosk.outbox.relaying(OFTEN):
                    await until(lambda: "has failed, and begins again" in caplog.text)
                    kiosk.outbox.create_tables()
                    kiosk.sold(1)
                    await until(lambda: kiosk.log == ["billing 1"])

        asyncio.run(run())


def test_a_lifespan_that_ends_at_once_ends_at_once(sqlite_database: Database) -> None:
    """The relay may not even have begun."""
    with kiosk_on(sqlite_database) as kiosk:

        async def run() -> None:
            async with asyncio.timeout(10), kiosk.outbox.relaying(RARELY):
                pass

        asyncio.run(run())
