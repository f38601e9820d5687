"""Units: what a durable handler writes by `transaction` is kept once, with the end of its event."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import sessionmaker

from tests.adapters.sqlalchemy.outbox.kiosk import Billed, Kiosk, Sale, Sold, kiosk_on
from tests.adapters.sqlalchemy.shop import async_engine_of
from tests.servers.database import Database
from typedbus import AsyncBus, Backoff, Bus, Discard
from typedbus.adapters.sqlalchemy import (
    Outbox,
    after_commit,
    current_delivery,
    introduce,
    transaction,
)
from typedbus.core.deliveries import DeliveryFor
from typedbus.core.errors import ManualCommitError, OutboxError

ONCE = Backoff(tries=2, first=timedelta(hours=1))


@pytest.fixture
def kiosk(database: Database) -> Iterator[Kiosk]:
    """A kiosk on each database."""
    with kiosk_on(database) as found:
        yield found


@pytest.fixture
def small(sqlite_database: Database) -> Iterator[Kiosk]:
    """A kiosk on SQLite, for rules that are the same on each database."""
    with kiosk_on(sqlite_database) as found:
        yield found


def test_effects_and_the_end_of_the_event_are_one(kiosk: Kiosk) -> None:
    """What the handler wrote and published is there, and nothing is owed any more."""
    kiosk.bus.subscribe(Billed, kiosk.outbox.durable("mail")(lambda event: None))

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", key=lambda e: e.number))
    def billing(event: Sold) -> None:
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
        with transaction(kiosk.sessions) as again:
            kiosk.bus.publish(Billed(number=event.number))
        kiosk.log.append(f"same session: {again is session}")

    kiosk.sold(1, 2)
    left = kiosk.outbox.drain()

    assert left == []
    assert kiosk.sales() == [1, 2]
    assert sorted(kiosk.log) == ["same session: True", "same session: True"]
    assert (kiosk.pending(), kiosk.deliveries()) == (0, [])
    causes = [each.get("ce-causationid") for each in kiosk.headers()]
    ids = [each["ce-id"] for each in kiosk.headers()]
    assert sorted(causes[2:], key=str) == sorted(ids[:2])


def test_a_handler_that_fails_leaves_nothing(kiosk: Kiosk) -> None:
    """Neither what it wrote nor what it published; it waits to be tried again."""
    kiosk.bus.subscribe(Billed, kiosk.outbox.durable("mail")(lambda event: None))

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
            kiosk.bus.publish(Billed(number=event.number))
        raise LookupError("no printer")

    kiosk.sold(1)
    kiosk.outbox.drain()

    assert kiosk.sales() == []
    assert kiosk.numbers() == [1]
    assert kiosk.deliveries() == [("billing", "waiting", 1)]


def test_a_late_delivery_is_over_with_its_unit_too(kiosk: Kiosk) -> None:
    """So is each of several handlers of one event, whichever of them failed before."""
    tries = {"billing": 0, "stock": 0}

    def handler_of(name: str, base: int) -> Any:
        def handler(event: Sold) -> None:
            tries[name] += 1
            with transaction(kiosk.sessions) as session:
                session.add(Sale(base + event.number))
            if tries[name] == 1:
                raise LookupError(name)

        return handler

    soon = Backoff(tries=3, first=timedelta(milliseconds=1))
    for name, base in (("billing", 100), ("stock", 200)):
        durable: DeliveryFor[Sold] = kiosk.outbox.durable(name, key=lambda e: "one", retry=soon)
        kiosk.bus.subscribe(Sold, durable(handler_of(name, base)))

    kiosk.sold(1, 2)
    for _ in range(100):
        kiosk.outbox.drain()
        if not kiosk.deliveries() and not kiosk.pending():
            break

    assert kiosk.sales() == [101, 102, 201, 202]
    assert tries == {"billing": 3, "stock": 3}


def test_nothing_is_kept_of_what_was_done_before(kiosk: Kiosk) -> None:
    """Another relay may have been quicker: then this work was for nothing."""
    pending = kiosk.outbox.tables.pending

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing"))
    def billing(event: Sold) -> None:
        if kiosk.engine.dialect.name != "sqlite":
            with kiosk.engine.begin() as connection:
                connection.execute(delete(pending))
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
            if kiosk.engine.dialect.name == "sqlite":
                session.execute(delete(pending))

    kiosk.sold(1)
    kiosk.outbox.drain()

    assert kiosk.sales() == []
    assert kiosk.deliveries() == []


def test_a_relay_that_lost_its_lease_keeps_nothing(kiosk: Kiosk) -> None:
    """The fence stands right before the commit."""
    lease = kiosk.outbox.tables.lease
    calls = list[int]()

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing"))
    def billing(event: Sold) -> None:
        calls.append(event.number)
        with transaction(kiosk.sessions) as session:
            session.add(Sale(len(calls)))
            if len(calls) == 1:
                session.flush()
                elsewhere = session if kiosk.engine.dialect.name == "sqlite" else None
                take_over(kiosk, elsewhere, update(lease).values(epoch=lease.c.epoch + 7))

    kiosk.sold(1)
    kiosk.outbox.drain()

    # The epoch is the successor's: whoever works next handles the event again.
    assert kiosk.sales() == [2]
    assert calls == [1, 1]


def take_over(kiosk: Kiosk, session: Any, statement: Any) -> None:
    """Execute *statement* in another transaction, or in this one where there can be one alone."""
    if session is not None:
        session.execute(statement)
        return
    with kiosk.engine.begin() as connection:
        connection.execute(statement)


def test_an_error_that_leaves_the_block_undoes_it(kiosk: Kiosk) -> None:
    """A handler that goes on without it is done, with nothing of that block."""
    with kiosk.sessions.begin() as session:
        session.add(Sale(1))

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing"))
    def billing(event: Sold) -> None:
        try:
            with transaction(kiosk.sessions) as session:
                session.add(Sale(event.number))
        except IntegrityError:
            kiosk.log.append("had it")
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number + 1))

    kiosk.sold(1)
    kiosk.outbox.drain()

    assert kiosk.log == ["had it"]
    assert kiosk.sales() == [1, 2]
    assert (kiosk.pending(), kiosk.deliveries()) == (0, [])


def test_an_error_that_undoes_an_earlier_block_fails_the_handler(small: Kiosk) -> None:
    """Nobody is told that it was handled while half of it is gone."""

    @small.bus.on(Sold, via=small.outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(small.sessions) as session:
            session.add(Sale(1))
        try:
            with transaction(small.sessions) as session:
                fail()
        except LookupError:
            pass

    small.sold(1)
    small.outbox.drain()

    assert small.sales() == []
    assert small.deliveries() == [("billing", "waiting", 1)]


def fail() -> None:
    """Fail."""
    raise LookupError


def test_a_commit_by_hand_is_refused(small: Kiosk) -> None:
    """It would keep the effects without the end of the event."""

    @small.bus.on(Sold, via=small.outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(small.sessions) as session:
            session.add(Sale(1))
            try:
                session.commit()
            except ManualCommitError as error:
                small.log.append(error.problem)
                raise

    small.sold(1)
    small.outbox.drain()

    assert small.log == ["that is left to the relay that called the handler"]
    assert small.sales() == []


def test_a_handler_may_discard_its_event(small: Kiosk) -> None:
    """Nothing that it wrote is kept."""

    @small.bus.on(Sold, via=small.outbox.durable("billing"))
    def billing(event: Sold) -> None:
        with transaction(small.sessions) as session:
            session.add(Sale(1))
        raise Discard("not ours")

    small.sold(1)
    small.outbox.drain()

    assert small.sales() == []
    assert (small.pending(), small.deliveries()) == (0, [])


def test_a_thread_of_the_handler_s_own_has_a_transaction_of_its_own(kiosk: Kiosk) -> None:
    """Though it inherits the context: a session is of one thread."""
    if kiosk.engine.dialect.name == "sqlite":
        pytest.skip("a second writer would wait for the first")

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(kiosk.sessions) as session:
            session.add(Sale(1))

        def beside() -> None:
            with transaction(kiosk.sessions) as own:
                own.add(Sale(2))

        thread = threading.Thread(target=copy_context().run, args=(beside,))
        thread.start()
        thread.join()
        raise LookupError

    kiosk.sold(1)
    kiosk.outbox.drain()

    assert kiosk.sales() == [2]


def test_after_commit_handlers_of_a_unit_run_after_it(kiosk: Kiosk) -> None:
    """And not if it was rolled back; a transaction there is one of its own."""

    @kiosk.bus.on(Billed, via=after_commit)
    def later(event: Billed) -> None:
        with transaction(kiosk.sessions) as session:
            session.add(Sale(10 + event.number))

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(kiosk.sessions):
            kiosk.bus.publish(Billed(number=event.number))
        if event.number == 2:
            raise LookupError

    kiosk.sold(1, 2)
    kiosk.outbox.drain()

    assert kiosk.sales() == [11]


def test_a_handler_that_asks_for_nothing_has_a_stable_id(small: Kiosk) -> None:
    """The same at each try, and another one for another handler."""
    ids = dict[str, list[str]]()

    def noting(event: Sold) -> None:
        delivery = current_delivery()
        ids.setdefault(delivery.handler, []).append(delivery.delivery_id)
        if delivery.number == 1:
            raise LookupError

    soon = Backoff(tries=3, first=timedelta(milliseconds=1))
    for name in ("billing", "mail"):
        small.bus.subscribe(Sold, small.outbox.durable(name, retry=soon)(noting))

    small.sold(1)
    for _ in range(100):
        small.outbox.drain()
        if not small.deliveries():
            break

    assert [len(each) for each in ids.values()] == [2, 2]
    assert [len(set(each)) for each in ids.values()] == [1, 1]
    assert set(ids["billing"]) != set(ids["mail"])


def test_without_a_delivery_there_is_none_to_tell() -> None:
    """The message says where to ask."""
    with pytest.raises(OutboxError) as refused:
        current_delivery()

    assert "durable" in refused.value.remedy


@pytest.mark.parametrize("on", ["Bus", "AsyncBus"])
def test_an_async_handler_works_in_an_async_session(kiosk: Kiosk, on: str) -> None:
    """On an AsyncEngine, published in an AsyncSession, from either bus."""
    bus, events = Bus(), AsyncBus()

    async def run() -> None:
        async with async_engine_of(kiosk.database.async_url) as engine:
            outbox = Outbox(engine, kiosk.outbox.tables.metadata)
            made = outbox.sessions
            durable: DeliveryFor[Sold] = outbox.durable("billing", key=lambda e: e.number)

            async def billing(event: Sold) -> None:
                async with transaction(made) as session:
                    session.add(Sale(event.number))
                await asyncio.sleep(0)
                async with transaction(made) as session:
                    session.add(Sale(10 + event.number))
                if event.number == 3:
                    raise Discard("not this one")

            if on == "Bus":
                bus.subscribe(Sold, durable(billing))
            else:
                events.subscribe(Sold, durable(billing))
            async with transaction(made):
                for number in (1, 2, 3):
                    if on == "Bus":
                        bus.publish(Sold(number=number))
                    else:
                        await events.publish(Sold(number=number))
            assert await outbox.drain_async() == []

    asyncio.run(run())

    assert kiosk.sales() == [1, 2, 11, 12]
    assert (kiosk.pending(), kiosk.deliveries()) == (0, [])


def test_a_sync_handler_beside_an_async_engine_has_a_maker_that_joins(kiosk: Kiosk) -> None:
    """`joins=` names more makers of sessions of the same database."""
    bus = Bus()

    async def run() -> None:
        async with async_engine_of(kiosk.database.async_url) as engine:
            outbox = Outbox(engine, kiosk.outbox.tables.metadata, joins=[kiosk.sessions])

            @bus.on(Sold, via=outbox.durable("billing", retry=ONCE))
            def billing(event: Sold) -> None:
                with transaction(kiosk.sessions) as session:
                    session.add(Sale(event.number))
                if event.number == 2:
                    raise LookupError

            with kiosk.sessions.begin():
                bus.publish(Sold(number=1))
                bus.publish(Sold(number=2))
            assert await outbox.drain_async() == []

    asyncio.run(run())

    assert kiosk.sales() == [1]


def test_one_delivery_has_one_transaction(small: Kiosk) -> None:
    """A second maker would commit apart from the first: that is refused."""
    second = introduce(sessionmaker(small.engine))
    outbox = Outbox(small.sessions, small.outbox.tables.metadata, joins=[second])

    @small.bus.on(Sold, via=outbox.durable("billing", retry=ONCE))
    def billing(event: Sold) -> None:
        with transaction(small.sessions):
            pass
        with pytest.raises(OutboxError), transaction(second):
            pass
        small.log.append("refused")

    small.sold(1)
    outbox.drain()

    assert small.log == ["refused"]


def test_a_connection_that_breaks_in_the_commit_is_no_failed_try(kiosk: Kiosk) -> None:
    """It says nothing about the handler: the event is handled again unless it was committed."""
    if kiosk.engine.dialect.name != "postgresql":
        pytest.skip("the connection is ended by PostgreSQL's own means")
    calls = list[int]()

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", retry=Backoff(tries=1)))
    def billing(event: Sold) -> None:
        calls.append(event.number)
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
            if len(calls) == 1:
                session.flush()
                pid = session.scalar(text("SELECT pg_backend_pid()"))
                with kiosk.engine.begin() as connection:
                    connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    kiosk.sold(1)
    kiosk.outbox.drain()

    assert calls == [1]
    assert kiosk.sales() == []
    assert kiosk.deliveries() == [("billing", "waiting", 0)]
