"""Several sessions at once: in threads, in tasks, and handed from one to another."""

import asyncio
from collections.abc import Callable, Iterator
from contextvars import copy_context
from threading import Barrier, Thread
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, scoped_session

from tests.adapters.sqlalchemy.shop import Order, OrderPlaced, Shop
from typedbus.adapters.sqlalchemy import after_commit, introduce, transaction


def in_threads(*bodies: Callable[[], object]) -> None:
    """Run each of *bodies* in a thread of its own, and wait for all."""
    threads = [Thread(target=body) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_transactions_in_threads_never_mix(sync_shop: Shop) -> None:
    """One is rolled back while the other is open: each has its own events."""
    sync_shop.note_commits()
    sync_shop.note_rollbacks()
    both = Barrier(2, timeout=10)

    def work(order_id: int) -> None:
        with sync_shop.sessions() as session:
            session.begin()
            both.wait()
            sync_shop.bus.publish(OrderPlaced(order_id=order_id))
            both.wait()
            session.rollback() if order_id == 1 else session.commit()

    in_threads(lambda: work(1), lambda: work(2))

    assert sorted(sync_shop.log) == ["committed 2", "rolled back 1"]


def test_transactions_in_tasks_never_mix(sync_shop: Shop) -> None:
    """Though one thread runs them all, and they take turns."""
    log = sync_shop.log

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    async def handle(event: OrderPlaced) -> None:
        await asyncio.sleep(0)
        log.append(f"committed {event.order_id}")

    async def main() -> None:
        async with sync_shop.async_sessions() as sessions:
            both = asyncio.Barrier(4)

            async def work(order_id: int) -> None:
                async with sessions() as session:
                    _ = await session.begin()
                    await both.wait()
                    sync_shop.bus.publish(OrderPlaced(order_id=order_id))
                    await both.wait()
                    await (session.rollback() if order_id % 2 else session.commit())

            await asyncio.gather(*map(work, range(4)))

    asyncio.run(main())

    assert sorted(log) == ["committed 0", "committed 2"]


def test_of_two_sessions_the_one_begun_last_counts(sync_shop: Shop) -> None:
    """And when it is over, the other again."""
    sync_shop.note_commits()
    with sync_shop.sessions() as first, sync_shop.sessions() as second:
        first.begin()
        second.begin()
        sync_shop.bus.publish(OrderPlaced(order_id=1))
        second.rollback()
        sync_shop.bus.publish(OrderPlaced(order_id=2))
        first.commit()

    assert sync_shop.log == ["committed 2"]


def test_the_first_of_two_sessions_may_end_first(sync_shop: Shop) -> None:
    """Each end is its own; using one in between does not make it the last begun."""
    sync_shop.note_commits()
    with sync_shop.sessions() as first, sync_shop.sessions() as second:
        first.begin()
        second.begin()
        first.add(Order(id=1))
        sync_shop.bus.publish(OrderPlaced(order_id=1))
        first.rollback()
        sync_shop.bus.publish(OrderPlaced(order_id=2))
        sync_shop.log.append("commit")
        second.commit()

    assert sync_shop.log == ["commit", "committed 1", "committed 2"]


def test_a_thread_without_a_session_delivers_at_once(sync_shop: Shop) -> None:
    """It inherits no context, so nothing of the transaction that is open elsewhere."""
    sync_shop.note_commits()
    with sync_shop.sessions() as session:
        session.begin()
        in_threads(lambda: sync_shop.bus.publish(OrderPlaced(order_id=1)))
        sync_shop.log.append("rollback")

    assert sync_shop.log == ["committed 1", "rollback"]


def test_a_thread_that_inherits_the_context_publishes_in_its_transaction(sync_shop: Shop) -> None:
    """As long as that is open, and at once when it is over."""
    sync_shop.note_commits()
    with sync_shop.sessions() as session:
        session.begin()
        context = copy_context()
        publish = sync_shop.bus.publish
        in_threads(lambda: context.run(publish, OrderPlaced(order_id=1)))
        sync_shop.log.append("commit")
        session.commit()
        session.begin()
        in_threads(lambda: context.run(publish, OrderPlaced(order_id=2)))
        sync_shop.log.append("rollback")

    assert sync_shop.log == ["commit", "committed 1", "committed 2", "rollback"]


@pytest.mark.anyio
async def test_a_task_that_outlives_the_transaction_delivers_at_once(sync_shop: Shop) -> None:
    """What it publishes does not slip into the next transaction of that session."""
    handled = sync_shop.log

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    def handle(event: OrderPlaced) -> None:
        handled.append(f"committed {event.order_id}")

    async with sync_shop.async_sessions() as sessions, sessions() as session:
        over = asyncio.Event()

        async def outlive() -> None:
            sync_shop.bus.publish(OrderPlaced(order_id=1))
            await over.wait()
            sync_shop.bus.publish(OrderPlaced(order_id=2))

        _ = await session.begin()
        task = asyncio.create_task(outlive())
        await asyncio.sleep(0)
        handled.append("commit")
        await session.commit()
        _ = await session.begin()
        over.set()
        await task
        handled.append("rollback")

    assert handled == ["commit", "committed 1", "committed 2", "rollback"]


def test_each_thread_has_its_session_of_a_scope(sync_shop: Shop) -> None:
    """A scoped session is introduced once, and serves them all."""
    sync_shop.note_commits()
    scoped = introduce(scoped_session(sync_shop.sessions))

    def work(order_id: int) -> None:
        scoped.add(Order(id=order_id))
        sync_shop.bus.publish(OrderPlaced(order_id=order_id))
        scoped.rollback() if order_id == 1 else scoped.commit()
        scoped.remove()

    in_threads(lambda: work(1), lambda: work(2))

    assert sync_shop.log == ["committed 2"]


@pytest.mark.parametrize("used", ["add", "query"])
def test_a_session_begun_in_another_thread_is_known_where_it_is_used(
    sync_shop: Shop, used: str
) -> None:
    """FastAPI runs a dependency that is not async in a thread, and the endpoint in another."""
    sync_shop.note_commits()
    app = FastAPI()

    def opened() -> Iterator[Session]:
        with sync_shop.sessions.begin() as session:
            yield session

    @sync_shop.bus.on(OrderPlaced)
    def look(event: OrderPlaced) -> None:
        with transaction(sync_shop.sessions) as session:
            sync_shop.log.append(f"the same: {session is sessions[-1]}")

    sessions = list[Session]()

    @app.post("/orders")
    def place_order(session: Annotated[Session, Depends(opened, scope="function")]) -> None:
        sessions.append(session)
        session.add(Order(id=1)) if used == "add" else session.get(Order, 1)
        sync_shop.bus.publish(OrderPlaced(order_id=1))
        sync_shop.log.append("published")

    with TestClient(app) as client:
        client.post("/orders").raise_for_status()

    assert sync_shop.log == ["the same: True", "published", "committed 1"]


def test_whoever_uses_a_session_that_was_begun_elsewhere_joins_it(sync_shop: Shop) -> None:
    """It was handed over: the thread that uses it now gets it from `transaction`."""
    with sync_shop.sessions() as session:
        in_threads(session.begin)

        with transaction(sync_shop.sessions) as before:
            pass
        session.add(Order(id=1))
        with transaction(sync_shop.sessions) as after:
            pass

    assert before is not session
    assert after is session


def test_a_session_left_open_and_thrown_away_takes_no_events(sqlite_shop: Shop) -> None:
    """Its transaction is rolled back by then; what is published later has nothing to wait for."""
    import gc

    sqlite_shop.note_commits()
    session = sqlite_shop.sessions()
    session.begin()

    del session
    gc.collect()
    sqlite_shop.bus.publish(OrderPlaced(order_id=1))

    assert sqlite_shop.log == ["committed 1"]
