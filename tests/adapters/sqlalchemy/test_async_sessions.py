"""after_commit in an AsyncSession, as a coroutine sees it."""

import asyncio
from threading import get_ident

import pytest
from sqlalchemy import select

from tests.adapters.sqlalchemy.shop import DeclinedError, InvoiceSent, Order, OrderPlaced, Shop
from typedbus import AsyncBus, Bus
from typedbus.adapters.sqlalchemy import after_commit, transaction
from typedbus.core.errors import TransactionOverError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("bus", [Bus(), AsyncBus()], ids=["Bus", "AsyncBus"])
async def test_async_handlers_are_awaited_before_the_commit_returns(
    sync_shop: Shop, bus: Bus | AsyncBus
) -> None:
    """Sync ones run between them, in order and in the same thread, whichever bus it is."""
    log = list[object]()

    async def handle_async(event: OrderPlaced) -> None:
        await asyncio.sleep(0)
        log.append("async")

    def handle(event: OrderPlaced) -> None:
        log.append(get_ident())

    for handler in (handle_async, handle, handle_async):
        subscription = bus.subscribe(OrderPlaced, after_commit(handler))
        assert subscription.delivery == "after commit"

    async with sync_shop.async_sessions() as sessions, sessions() as session:
        session.add(Order(id=1))
        match bus.publish(OrderPlaced(order_id=1)):
            case None:
                pass
            case published:
                await published
        await session.commit()
        log.append("committed")

    for subscription in bus.subscriptions():
        subscription.cancel()
    assert log == ["async", get_ident(), "async", "committed"]


async def test_a_pool_of_one_connection_is_enough(sync_shop: Shop) -> None:
    """An async handler writes with a session of its own before the first one is closed."""
    options = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 2}
    async with sync_shop.async_sessions(**options) as sessions:

        @sync_shop.bus.on(OrderPlaced, via=after_commit)
        async def write_another(event: OrderPlaced) -> None:
            async with transaction(sessions) as session:
                session.add(Order(id=event.order_id + 10))

        async with sessions.begin() as session:
            session.add(Order(id=1))
            sync_shop.bus.publish(OrderPlaced(order_id=1))

    assert sync_shop.orders() == [1, 11]


@pytest.mark.parametrize("by", ["commit", "transaction"])
async def test_cancelling_the_committer_reaches_the_handler(sync_shop: Shop, by: str) -> None:
    """It passes through at once; the rest is told on it, and the data stays."""
    waiting, given_up = asyncio.Event(), asyncio.Event()

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    async def wait_long(event: OrderPlaced) -> None:
        waiting.set()
        try:
            await given_up.wait()
        except asyncio.CancelledError:
            sync_shop.log.append("cancelled")
            raise

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    async def not_reached(event: OrderPlaced) -> None:
        sync_shop.log.append("reached")

    async with sync_shop.async_sessions() as sessions:

        async def commit() -> None:
            if by == "transaction":
                async with transaction(sessions) as session:
                    session.add(Order(id=1))
                    sync_shop.bus.publish(OrderPlaced(order_id=1))
                return
            async with sessions() as session:
                session.add(Order(id=1))
                sync_shop.bus.publish(OrderPlaced(order_id=1))
                await session.commit()

        others = asyncio.all_tasks()
        task = asyncio.create_task(commit())
        async with asyncio.timeout(10):
            await waiting.wait()
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        cancelled_by_then = list(sync_shop.log)
        given_up.set()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        # Whoever was not cancelled goes on, and is to be done before the engine is.
        await asyncio.gather(*(asyncio.all_tasks() - others), return_exceptions=True)

    assert cancelled_by_then == ["cancelled"]
    assert sync_shop.log == ["cancelled"]
    assert "not_reached" in "".join(caught.value.__notes__)
    assert sync_shop.orders() == [1]


async def test_an_async_handler_may_not_use_the_committed_session(
    sync_shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """But it may begin again by name, and commit that."""
    async with sync_shop.async_sessions() as sessions, sessions() as session:

        @sync_shop.bus.on(OrderPlaced, via=after_commit)
        async def use_it_again(event: OrderPlaced) -> None:
            await session.execute(select(Order))

        @sync_shop.bus.on(OrderPlaced, via=after_commit)
        async def begin_again(event: OrderPlaced) -> None:
            async with session.begin():
                session.add(Order(id=2))

        session.add(Order(id=1))
        sync_shop.bus.publish(OrderPlaced(order_id=1))
        await session.commit()

    (record,) = caplog.records
    assert record.exc_info
    assert isinstance(record.exc_info[1], TransactionOverError)
    assert "use_it_again on" in str(record.exc_info[1])
    assert sync_shop.orders() == [1, 2]


async def test_a_handler_that_publishes_again_is_heard(sync_shop: Shop) -> None:
    """At once, and where it opened a transaction, after that."""
    bus, log = AsyncBus(), sync_shop.log
    async with sync_shop.async_sessions() as sessions:

        @bus.on(OrderPlaced, via=after_commit)
        async def invoice(event: OrderPlaced) -> None:
            await bus.publish(InvoiceSent(order_id=1))
            async with transaction(sessions):
                await bus.publish(InvoiceSent(order_id=2))
                log.append("published")

        @bus.on(InvoiceSent, via=after_commit)
        async def file_invoice(event: InvoiceSent) -> None:
            log.append(f"filed {event.order_id}")

        async with transaction(sessions):
            await bus.publish(OrderPlaced(order_id=1))

    assert log == ["filed 1", "published", "filed 2"]


async def test_a_handler_that_fails_by_its_own_policy_fails_the_commit(sync_shop: Shop) -> None:
    """The error comes out of the await, and the session goes on."""

    @sync_shop.bus.on(OrderPlaced, via=after_commit, on_error="raise")
    async def decline(event: OrderPlaced) -> None:
        raise DeclinedError

    async with sync_shop.async_sessions() as sessions, sessions() as session:
        for order_id in (1, 2):
            session.add(Order(id=order_id))
            sync_shop.bus.publish(OrderPlaced(order_id=order_id))
            with pytest.raises(DeclinedError):
                await session.commit()

    assert sync_shop.orders() == [1, 2]
