"""transaction: the session of the publisher where there is one, else a new one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.shop import (
    DeclinedError,
    Order,
    OrderPlaced,
    Shop,
    async_engine_of,
    declining,
)
from typedbus import AsyncBus
from typedbus.adapters.sqlalchemy import after_commit, transaction, within


def test_it_commits_at_the_end_of_the_block(sync_shop: Shop) -> None:
    """With a new session, which is closed."""
    sync_shop.note_commits()

    with transaction(sync_shop.sessions) as session:
        sync_shop.place(session, 1)
        sync_shop.log.append("published")

    assert sync_shop.log == ["published", "committed 1"]
    assert sync_shop.orders() == [1]
    assert not session.in_transaction()


def test_an_error_that_leaves_the_block_rolls_back(sync_shop: Shop) -> None:
    """Nothing is written, nothing delivered."""
    sync_shop.note_commits()

    with declining(), transaction(sync_shop.sessions) as session:
        sync_shop.place(session, 1)
        raise DeclinedError

    assert sync_shop.log == []
    assert sync_shop.orders() == []


def test_it_introduces_the_maker(sync_shop: Shop) -> None:
    """There is nothing to forget."""
    sync_shop.note_commits()

    with transaction(sessionmaker(sync_shop.engine)) as session:
        sync_shop.place(session, 1)
        sync_shop.log.append("published")

    assert sync_shop.log == ["published", "committed 1"]


def test_an_inline_handler_writes_in_the_transaction_of_the_publisher(sync_shop: Shop) -> None:
    """With the publisher's session; if the publisher fails, nothing is left of it."""
    sessions = list[Session]()

    @sync_shop.bus.on(OrderPlaced)
    def write_another(event: OrderPlaced) -> None:
        with transaction(sync_shop.sessions) as session:
            sessions.append(session)
            session.add(Order(id=event.order_id + 10))

    with declining(), sync_shop.sessions.begin() as session:
        sync_shop.place(session, 1)
        raise DeclinedError
    after_failure = sync_shop.orders()
    with sync_shop.sessions.begin() as session:
        sync_shop.place(session, 2)

    assert after_failure == []
    assert sync_shop.orders() == [2, 12]
    assert sessions[1] is session


def test_a_joined_block_commits_nothing(sync_shop: Shop) -> None:
    """Whoever began the transaction ends it."""
    with transaction(sync_shop.sessions) as outer:
        with transaction(sync_shop.sessions) as inner:
            inner.add(Order(id=1))
        assert sync_shop.orders() == []
        assert outer.in_transaction()

    assert outer is inner
    assert sync_shop.orders() == [1]


def test_another_maker_has_a_transaction_of_its_own(sqlite_shop: Shop) -> None:
    """And the first is found again inside of that."""
    other = sessionmaker(sqlite_shop.engine)

    with (
        transaction(sqlite_shop.sessions) as first,
        transaction(other) as second,
        transaction(sqlite_shop.sessions) as third,
    ):
        assert first is third
        assert first is not second


def test_another_thread_gets_a_session_of_its_own(sync_shop: Shop) -> None:
    """Though it has inherited the context: a session is no thing to share."""

    def write() -> None:
        with transaction(sync_shop.sessions) as session:
            sessions.append(session)

    sessions = list[Session]()
    with transaction(sync_shop.sessions) as session, ThreadPoolExecutor() as threads:
        threads.submit(copy_context().run, write).result()

    assert sessions[0] is not session


def test_another_task_gets_a_session_of_its_own(sync_shop: Shop) -> None:
    """Also of sync sessions, which code in an event loop may use."""

    async def write() -> Session:
        with transaction(sync_shop.sessions) as session:
            return session

    async def main() -> None:
        with transaction(sync_shop.sessions) as session:
            inside = await write()
            beside = await asyncio.create_task(write())
            assert inside is session
            assert beside is not session

    asyncio.run(main())


@pytest.mark.anyio
async def test_async_it_commits_at_the_end_of_the_block(sqlite_async_shop: Shop) -> None:
    """With a new session of the maker's class, introduced by this."""
    shop = sqlite_async_shop
    shop.note_commits()
    async with async_engine_of(shop.database.async_url) as engine:
        maker = async_sessionmaker(engine)

        async with transaction(maker) as session:
            await session.run_sync(shop.place, 1)
            shop.log.append("published")
        with declining():
            async with transaction(maker) as session:
                await session.run_sync(shop.place, 2)
                raise DeclinedError

    assert shop.log == ["published", "committed 1"]
    assert shop.orders() == [1]


@pytest.mark.anyio
async def test_async_handlers_get_the_right_session(sync_shop: Shop) -> None:
    """Inline the publisher's, after the commit a new one, in another task one of its own."""
    bus, found = AsyncBus(), list[object]()
    async with sync_shop.async_sessions() as sessions:

        @bus.on(OrderPlaced)
        async def inline(event: OrderPlaced) -> None:
            async with transaction(sessions) as session:
                found.append(session)
                session.add(Order(id=event.order_id + 10))

        @bus.on(OrderPlaced, via=after_commit)
        async def later(event: OrderPlaced) -> None:
            async with transaction(sessions) as session:
                found.append(session)
                session.add(Order(id=event.order_id + 20))

        async def beside() -> None:
            async with transaction(sessions) as session:
                found.append(session)

        async with transaction(sessions) as session:
            await bus.publish(OrderPlaced(order_id=1))
            await asyncio.create_task(beside())

    assert [each is session for each in found] == [True, False, False]
    assert sync_shop.orders() == [11, 21]


def test_within_a_session_that_has_not_begun_an_inline_handler_joins_it(sync_shop: Shop) -> None:
    """Then the two are written together, or not at all."""

    @sync_shop.bus.on(OrderPlaced)
    def write_another(event: OrderPlaced) -> None:
        with transaction(sync_shop.sessions) as session:
            session.add(Order(id=event.order_id + 10))

    with sync_shop.sessions() as session:
        within(session, sync_shop.bus).publish(OrderPlaced(order_id=1))
        before = sync_shop.orders()
        session.commit()

    assert before == []
    assert sync_shop.orders() == [11]
