"""What after-commit handlers may do, and what happens when they fail."""

import logging

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.shop import (
    DeclinedError,
    InvoiceSent,
    Order,
    OrderPlaced,
    Shop,
    engine_of,
)
from typedbus import HandlersFailedError
from typedbus.adapters.sqlalchemy import after_commit, introduce, transaction
from typedbus.core.errors import AsyncHandlerError


def committing(shop: Shop, *order_ids: int) -> None:
    """Place orders in one transaction, which is committed."""

    def work(session: Session) -> None:
        with session.begin():
            for order_id in order_ids:
                shop.place(session, order_id)

    shop.work(work)


def test_a_handler_that_publishes_again_is_heard(shop: Shop) -> None:
    """There is no transaction any more, so the handlers of its event run at once."""

    @shop.bus.on(OrderPlaced, via=after_commit)
    def send_invoice(event: OrderPlaced) -> None:
        shop.log.append(f"placed {event.order_id}")
        shop.bus.publish(InvoiceSent(order_id=event.order_id))

    @shop.bus.on(InvoiceSent, via=after_commit)
    def file_invoice(event: InvoiceSent) -> None:
        shop.log.append(f"sent {event.order_id}")

    committing(shop, 1, 2)

    assert shop.log == ["placed 1", "sent 1", "placed 2", "sent 2"]


def test_a_handler_gets_a_new_session(shop: Shop) -> None:
    """What it writes is committed at the end of its own block."""

    @shop.bus.on(OrderPlaced, via=after_commit)
    def write_another(event: OrderPlaced) -> None:
        with transaction(shop.sessions) as session:
            session.add(Order(id=event.order_id + 10))
        shop.log.append(str(shop.orders()))

    committing(shop, 1, 2)

    assert shop.log == ["[1, 2, 11]", "[1, 2, 11, 12]"]


def test_what_a_handler_publishes_in_its_own_transaction_waits_for_that(shop: Shop) -> None:
    """It joins nothing that is over."""

    @shop.bus.on(OrderPlaced, via=after_commit)
    def invoice(event: OrderPlaced) -> None:
        with transaction(shop.sessions):
            shop.bus.publish(InvoiceSent(order_id=event.order_id))
            shop.log.append("published")

    @shop.bus.on(InvoiceSent, via=after_commit)
    def file_invoice(event: InvoiceSent) -> None:
        shop.log.append(f"sent {event.order_id}")

    committing(shop, 1, 2)

    assert shop.log == ["published", "sent 1", "published", "sent 2"]


def test_a_pool_of_one_connection_is_enough(sync_shop: Shop) -> None:
    """The committed transaction has given its connection back before the handlers run."""
    engine = engine_of(sync_shop.database.url, pool_size=1, max_overflow=0, pool_timeout=2)
    sessions = introduce(sessionmaker(engine))

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    def write_another(event: OrderPlaced) -> None:
        with transaction(sessions) as session:
            session.add(Order(id=event.order_id + 10))

    with sessions.begin() as session:
        sync_shop.place(session, 1)
    engine.dispose()

    assert sync_shop.orders() == [1, 11]


def test_a_handler_that_fails_is_logged_and_the_others_run(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """By its name and that of the event; what was written stays."""

    @shop.bus.on(OrderPlaced, via=after_commit)
    def decline(event: OrderPlaced) -> None:
        raise DeclinedError

    shop.note_commits()

    committing(shop, 1)

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("typedbus", logging.ERROR)
    assert "decline failed on" in record.getMessage()
    assert "OrderPlaced" in record.getMessage()
    assert shop.log == ["committed 1"]
    assert shop.orders() == [1]


def test_a_handler_with_a_policy_of_its_own_fails_the_commit(shop: Shop) -> None:
    """The error comes out where the commit was asked for, and nothing is undone."""

    @shop.bus.on(OrderPlaced, via=after_commit, on_error="raise")
    def decline(event: OrderPlaced) -> None:
        raise DeclinedError

    def work(session: Session) -> None:
        shop.place(session, 1)
        with pytest.raises(DeclinedError):
            session.commit()
        shop.place(session, 2)
        with pytest.raises(DeclinedError):
            session.commit()

    shop.work(work)

    assert shop.orders() == [1, 2]


def test_the_policy_collect_raises_what_all_of_them_raised(shop: Shop) -> None:
    """When every handler has run."""

    @shop.bus.on(OrderPlaced, via=after_commit, on_error="collect")
    def decline(event: OrderPlaced) -> None:
        raise DeclinedError

    shop.note_commits()

    with pytest.raises(HandlersFailedError, match="decline failed on"):
        committing(shop, 1, 2)

    assert shop.log == ["committed 1", "committed 2"]


@pytest.mark.parametrize("use", ["add", "query", "read", "assign"])
def test_using_the_session_that_was_committed_is_refused(
    shop: Shop, caplog: pytest.LogCaptureFixture, use: str
) -> None:
    """It would begin a transaction that nobody commits; the message names who did it."""
    orders = list[Order]()

    @shop.bus.on(OrderPlaced, via=after_commit)
    def use_it_again(event: OrderPlaced) -> None:
        (session,) = sessions
        match use:
            case "add":
                session.add(Order(id=2))
            case "query":
                session.get(Order, 2)
            case "read":
                shop.log.append(str(orders[0].note))
            case _:
                orders[0].note = "lost"

    sessions = list[Session]()

    def work(session: Session) -> None:
        sessions.append(session)
        shop.place(session, 1)
        orders.extend(session.query(Order))
        session.commit()
        shop.log.append(f"then {orders[0].note}")
        session.commit()

    shop.work(work)

    (record,) = caplog.records
    assert record.exc_info
    assert type(record.exc_info[1]).__name__ == "TransactionOverError"
    for telling in ("use_it_again on", "OrderPlaced", "with transaction("):
        assert telling in str(record.exc_info[1])
    assert shop.log == ["then None"]
    assert shop.orders() == [1]


def test_the_committed_session_may_begin_again_by_name(sync_shop: Shop) -> None:
    """Who writes `begin` commits; a handler after it finds the session as it was."""

    @sync_shop.bus.on(OrderPlaced, via=after_commit)
    def begin_again(event: OrderPlaced) -> None:
        with sessions[0].begin():
            sessions[0].add(Order(id=event.order_id + 10))
            sync_shop.bus.publish(InvoiceSent(order_id=event.order_id))
            sync_shop.log.append("published")

    @sync_shop.bus.on(InvoiceSent, via=after_commit)
    def file_invoice(event: InvoiceSent) -> None:
        sync_shop.log.append(f"sent, orders {sync_shop.orders()}")

    sessions = list[Session]()

    def work(session: Session) -> None:
        sessions.append(session)
        sync_shop.place(session, 1)
        sync_shop.place(session, 2)
        session.commit()

    sync_shop.work(work)

    assert sync_shop.log == [
        "published",
        "sent, orders [1, 2, 11]",
        "published",
        "sent, orders [1, 2, 11, 12]",
    ]


def test_an_async_handler_is_refused_where_nothing_awaits_the_commit(sqlite_shop: Shop) -> None:
    """In the business transaction, which so can be rolled back, not after it."""

    @sqlite_shop.bus.on(OrderPlaced, via=after_commit)
    async def handle(event: OrderPlaced) -> None:
        sqlite_shop.log.append("handled")

    with (
        pytest.raises(HandlersFailedError) as caught,
        sqlite_shop.sessions.begin() as session,
    ):
        sqlite_shop.place(session, 1)

    (error,) = caught.value.exceptions
    assert isinstance(error, AsyncHandlerError)
    assert "AsyncSession" in str(error)
    assert sqlite_shop.orders() == []
