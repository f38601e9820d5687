"""after_rollback: handlers that run when what they were published in was rolled back."""

import logging

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.adapters.sqlalchemy.shop import DeclinedError, Order, OrderPlaced, Shop, declining
from typedbus.adapters.sqlalchemy import after_rollback


def test_handlers_run_when_the_transaction_was_rolled_back(shop: Shop) -> None:
    """In the order of publishing, once it is over."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        with declining(), session.begin():
            shop.place(session, 1)
            shop.place(session, 2)
            shop.log.append("published")
            raise DeclinedError

    shop.work(work)

    assert shop.log == ["published", "rolled back 1", "rolled back 2"]


def test_a_commit_drops_them(shop: Shop) -> None:
    """Also for a transaction that comes later and is rolled back."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        with session.begin():
            shop.place(session, 1)
        session.begin()
        session.rollback()

    shop.work(work)

    assert shop.log == []


@pytest.mark.parametrize("end", ["rollback", "close"])
def test_a_transaction_that_is_left_open_is_rolled_back(shop: Shop, end: str) -> None:
    """By a rollback, or by closing the session."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.rollback() if end == "rollback" else session.close()
        shop.log.append("end")

    shop.work(work)

    assert shop.log == ["rolled back 1", "end"]


def test_a_commit_that_fails_is_a_rollback(shop: Shop) -> None:
    """The handler learns of it when the transaction is over."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        with session.begin():
            session.add(Order(id=1))
        session.expunge_all()
        session.add(Order(id=1))
        shop.bus.publish(OrderPlaced(order_id=1))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()

    shop.work(work)

    assert shop.log == ["rolled back 1"]


def test_after_a_savepoint_they_wait_for_the_outermost_transaction(shop: Shop) -> None:
    """However that ends, and in the order of publishing among the handlers of the commit."""
    shop.note_commits()
    shop.note_rollbacks()

    def work(session: Session) -> None:
        with session.begin():
            shop.place(session, 1)
            with declining(), session.begin_nested():
                with session.begin_nested():
                    shop.place(session, 2)
                raise DeclinedError
            shop.log.append("savepoint over")
            shop.place(session, 3)

    shop.work(work)

    assert shop.log == ["savepoint over", "committed 1", "rolled back 2", "committed 3"]


def test_a_savepoint_rolled_back_in_a_transaction_rolled_back_counts_once(shop: Shop) -> None:
    """One event, one run of the handler."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        session.begin()
        savepoint = session.begin_nested()
        shop.place(session, 1)
        savepoint.rollback()
        shop.place(session, 2)
        session.rollback()

    shop.work(work)

    assert shop.log == ["rolled back 1", "rolled back 2"]


def test_a_released_savepoint_is_rolled_back_with_what_is_around_it(shop: Shop) -> None:
    """Its release did not make it last."""
    shop.note_rollbacks()

    def work(session: Session) -> None:
        session.begin()
        with session.begin_nested():
            shop.place(session, 1)
        session.rollback()

    shop.work(work)

    assert shop.log == ["rolled back 1"]


def test_without_a_transaction_they_never_run(sqlite_shop: Shop) -> None:
    """There is nothing to roll back."""
    sqlite_shop.note_rollbacks()

    sqlite_shop.bus.publish(OrderPlaced(order_id=1))

    assert sqlite_shop.log == []


def test_one_that_fails_is_logged_and_the_others_run(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """The rollback itself raises nothing."""

    @shop.bus.on(OrderPlaced, via=after_rollback)
    def decline(event: OrderPlaced) -> None:
        raise DeclinedError

    shop.note_rollbacks()

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.rollback()

    shop.work(work)

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("typedbus", logging.ERROR)
    assert "decline failed on" in record.getMessage()
    assert shop.log == ["rolled back 1"]
