"""SQLAlchemy's recipe for tests that never commit, as it stands in its documentation."""

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import sessionmaker

from tests.adapters.sqlalchemy.shop import (
    DeclinedError,
    Order,
    OrderPlaced,
    Shop,
    async_engine_of,
    declining,
)
from typedbus.adapters.sqlalchemy import after_commit, introduce, transaction


def test_a_commit_in_the_code_under_test_runs_its_handlers(sync_shop: Shop) -> None:
    """It is a savepoint of the test's transaction; in the end nothing is written."""
    sync_shop.note_commits()
    with sync_shop.engine.connect() as connection:
        outer = connection.begin()
        sessions = introduce(
            sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        )

        with sessions.begin() as session:
            sync_shop.place(session, 1)
            sync_shop.log.append("published")
        with declining(), sessions.begin() as session:
            sync_shop.place(session, 2)
            raise DeclinedError
        with sessions() as session:
            sync_shop.place(session, 3)
            session.commit()
            with declining(), session.begin_nested():
                sync_shop.place(session, 4)
                raise DeclinedError
            session.commit()

        outer.rollback()

    assert sync_shop.log == ["published", "committed 1", "committed 3"]
    assert sync_shop.orders() == []


def test_handlers_that_write_do_so_in_the_transaction_of_the_test(sync_shop: Shop) -> None:
    """The maker that the program uses is bound to the test's connection."""
    sessions = sessionmaker(sync_shop.engine)

    @sync_shop.bus.on(OrderPlaced)
    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    def write_another(event: OrderPlaced) -> None:
        with transaction(sessions) as session:
            session.add(Order(id=10 + session.query(Order).count()))

    with sync_shop.engine.connect() as connection:
        outer = connection.begin()
        sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        with transaction(sessions) as session:
            sync_shop.place(session, 1)
        with transaction(sessions) as session:
            written = [order.id for order in session.query(Order).order_by(Order.id)]
        outer.rollback()

    assert written == [1, 11, 12]
    assert sync_shop.orders() == []


@pytest.mark.anyio
async def test_it_works_for_async_sessions_too(sync_shop: Shop) -> None:
    """Their handlers are awaited by the commit of the code under test."""

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    async def handle(event: OrderPlaced) -> None:
        sync_shop.log.append(f"committed {event.order_id}")

    async with (
        async_engine_of(sync_shop.database.async_url) as engine,
        engine.connect() as connection,
    ):
        outer = await connection.begin()
        sessions = introduce(
            async_sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        )
        async with sessions() as session:
            await session.run_sync(sync_shop.place, 1)
            await session.commit()
            sync_shop.log.append("end")
        await outer.rollback()

    assert sync_shop.log == ["committed 1", "end"]
    assert sync_shop.orders() == []
