"""within: publish in the transaction of a session that is given by name."""

import asyncio
import gc
import logging

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from tests.adapters.sqlalchemy.shop import InvoiceSent, Order, OrderPlaced, Shop, async_engine_of
from typedbus import AsyncBus
from typedbus.adapters.sqlalchemy import after_commit, after_rollback, within


def test_events_belong_to_the_session_that_is_named(sync_shop: Shop) -> None:
    """Nobody need have introduced it; a transaction around it changes nothing."""
    sync_shop.note_commits()
    with sync_shop.sessions.begin() as around, Session(sync_shop.engine) as session:
        publisher = within(session, sync_shop.bus)
        session.add(Order(id=1))
        session.flush()
        publisher.publish(OrderPlaced(order_id=1))
        sync_shop.log.append("published")
        session.commit()
        sync_shop.log.append("end")
        around.rollback()

    assert sync_shop.log == ["published", "committed 1", "end"]


def test_nothing_else_goes_to_a_session_that_was_named(sqlite_shop: Shop) -> None:
    """It is no introduction: a plain publish finds no transaction there."""
    sqlite_shop.note_commits()
    with Session(sqlite_shop.engine) as session, session.begin():
        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
        sqlite_shop.bus.publish(OrderPlaced(order_id=2))
        sqlite_shop.log.append("commit")

    assert sqlite_shop.log == ["committed 2", "commit", "committed 1"]


def test_savepoints_that_were_open_before_count(sync_shop: Shop) -> None:
    """What is published in one goes with it."""
    sync_shop.note_commits()
    with Session(sync_shop.engine) as session, session.begin():
        savepoint = session.begin_nested()
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=1))
        savepoint.rollback()
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=2))

    assert sync_shop.log == ["committed 2"]


def test_what_an_inline_handler_publishes_belongs_there_too(sqlite_shop: Shop) -> None:
    """It happens in the publisher's transaction."""

    @sqlite_shop.bus.on(OrderPlaced)
    def invoice(event: OrderPlaced) -> None:
        sqlite_shop.bus.publish(InvoiceSent(order_id=event.order_id))

    @sqlite_shop.bus.on(InvoiceSent, via=after_commit)
    def file_invoice(event: InvoiceSent) -> None:
        sqlite_shop.log.append("filed")

    with Session(sqlite_shop.engine) as session, session.begin():
        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
        sqlite_shop.log.append("published")

    assert sqlite_shop.log == ["published", "filed"]


def test_what_was_published_before_the_transaction_waits_for_it(sync_shop: Shop) -> None:
    """For the next one of that session, and no later one."""
    sync_shop.note_commits()
    with Session(sync_shop.engine) as session:
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=1))
        sync_shop.log.append("begin")
        session.add(Order(id=1))
        session.commit()
        sync_shop.log.append("next")
        session.add(Order(id=2))
        session.commit()

    assert sync_shop.log == ["begin", "committed 1", "next"]


def test_what_was_published_before_is_rolled_back_with_the_transaction(sync_shop: Shop) -> None:
    """As if it had been published in it."""
    sync_shop.note_commits()
    sync_shop.note_rollbacks()
    with Session(sync_shop.engine) as session:
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=1))
        session.add(Order(id=1))
        session.rollback()

    assert sync_shop.log == ["rolled back 1"]


def test_a_session_closed_before_its_transaction_drops_it_with_a_warning(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """It names the handler and the event; the next transaction delivers its own alone."""
    sqlite_shop.note_commits()
    with Session(sqlite_shop.engine) as session:
        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
        session.close()
        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=2))
        session.begin()
        session.commit()

    assert sqlite_shop.log == ["committed 2"]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("typedbus", logging.WARNING)
    assert "handle on" in record.getMessage()
    assert "OrderPlaced" in record.getMessage()
    assert "closed" in record.getMessage()


def test_a_closed_session_that_begins_again_delivers_nothing_of_before(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Though nothing was published since."""
    sqlite_shop.note_commits()
    with Session(sqlite_shop.engine) as session:
        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
        session.close()
        session.begin()
        session.commit()

    assert sqlite_shop.log == []
    assert len(caplog.records) == 1


def test_a_session_thrown_away_before_its_transaction_drops_it_with_a_warning(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """When it is, not at the end of the program."""
    sqlite_shop.note_commits()
    session = Session(sqlite_shop.engine)
    within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))

    del session
    gc.collect()

    (record,) = caplog.records
    assert "handle on" in record.getMessage()
    assert "thrown away" in record.getMessage()


def test_a_session_whose_events_were_delivered_is_thrown_away_in_silence(
    sqlite_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing was lost; neither was a handler that waited for a rollback."""
    sqlite_shop.note_commits()
    sqlite_shop.bus.subscribe(InvoiceSent, after_rollback(lambda event: None))
    session = Session(sqlite_shop.engine)
    within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
    session.begin()
    session.commit()
    within(session, sqlite_shop.bus).publish(InvoiceSent(order_id=1))

    del session
    gc.collect()

    assert sqlite_shop.log == ["committed 1"]
    assert caplog.records == []


def test_a_handler_that_publishes_again_finds_no_transaction(sqlite_shop: Shop) -> None:
    """It has inherited nothing that would keep its event for the session's next one."""
    with Session(sqlite_shop.engine) as session:

        @sqlite_shop.bus.on(OrderPlaced, via=after_commit)
        def invoice(event: OrderPlaced) -> None:
            sqlite_shop.bus.publish(InvoiceSent(order_id=event.order_id))
            within(session, sqlite_shop.bus).publish(InvoiceSent(order_id=2))

        @sqlite_shop.bus.on(InvoiceSent, via=after_commit)
        def file_invoice(event: InvoiceSent) -> None:
            sqlite_shop.log.append(f"filed {event.order_id}")

        within(session, sqlite_shop.bus).publish(OrderPlaced(order_id=1))
        session.begin()
        session.commit()
        sqlite_shop.log.append("end")

    assert sqlite_shop.log == ["filed 1", "filed 2", "end"]


@pytest.mark.anyio
async def test_a_task_that_outlives_the_publish_finds_no_transaction(sync_shop: Shop) -> None:
    """It inherited the session's name, and that counts as long as the publish runs."""
    bus, log, over = AsyncBus(), sync_shop.log, asyncio.Event()
    tasks = list[asyncio.Task[None]]()

    @bus.on(OrderPlaced)
    async def start(event: OrderPlaced) -> None:
        tasks.append(asyncio.create_task(outlive()))

    async def outlive() -> None:
        await over.wait()
        await bus.publish(InvoiceSent(order_id=1))

    @bus.on(InvoiceSent, via=after_commit)
    async def file_invoice(event: InvoiceSent) -> None:
        log.append("filed")

    with Session(sync_shop.engine) as session:
        await within(session, bus).publish(OrderPlaced(order_id=1))
        over.set()
        await tasks[0]

    assert log == ["filed"]


def test_the_session_of_a_scope_is_found_when_it_is_needed(sync_shop: Shop) -> None:
    """One publisher, made once, serves every thread or task."""
    sync_shop.note_commits()
    scoped = scoped_session(sessionmaker(sync_shop.engine))
    publisher = within(scoped, sync_shop.bus)

    for order_id in (1, 2):
        with scoped.begin():
            publisher.publish(OrderPlaced(order_id=order_id))
            sync_shop.log.append("published")
        scoped.remove()

    assert sync_shop.log == ["published", "committed 1", "published", "committed 2"]


@pytest.mark.anyio
@pytest.mark.parametrize("scope", ["session", "scope"])
async def test_an_async_session_awaits_its_handlers(sync_shop: Shop, scope: str) -> None:
    """Published on either bus, before its transaction or in it."""
    bus, log = AsyncBus(), sync_shop.log
    both = (bus, sync_shop.bus)
    for each in both:

        @each.on(OrderPlaced, via=after_commit)
        async def handle(event: OrderPlaced) -> None:
            log.append(f"committed {event.order_id}")

    async with async_engine_of(sync_shop.database.async_url) as engine:
        maker = async_sessionmaker(engine)
        session: AsyncSession | async_scoped_session[AsyncSession] = (
            maker() if scope == "session" else async_scoped_session(maker, lambda: 1)
        )
        await within(session, bus).publish(OrderPlaced(order_id=1))
        session.add(Order(id=1))
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=2))
        log.append("commit")
        await session.commit()
        log.append("committed")
        await session.close()

    assert log == ["commit", "committed 1", "committed 2", "committed"]
