"""after_commit in the transactions of a session, on each database and kind of session."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.orm import Session

from tests.adapters.sqlalchemy.shop import (
    DeclinedError,
    Order,
    OrderPlaced,
    Shop,
    declining,
)
from typedbus.adapters.sqlalchemy import after_commit


def test_handlers_run_when_the_transaction_is_committed(shop: Shop) -> None:
    """In the order of publishing, and what was written is there for everybody."""

    @shop.bus.on(OrderPlaced, via=after_commit)
    def look(event: OrderPlaced) -> None:
        shop.log.append(f"{event.order_id} of {shop.orders()}")

    def work(session: Session) -> None:
        shop.place(session, 1)
        shop.place(session, 2)
        shop.log.append("published")
        session.commit()
        shop.log.append("committed")

    shop.work(work)

    assert shop.log == ["published", "1 of [1, 2]", "2 of [1, 2]", "committed"]


def test_a_rollback_drops_what_was_published(shop: Shop) -> None:
    """Also for the transaction that comes next."""
    shop.note_commits()

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.rollback()
        shop.place(session, 2)
        session.commit()

    shop.work(work)

    assert shop.log == ["committed 2"]


def test_an_error_that_leaves_the_block_drops_what_was_published(shop: Shop) -> None:
    """A handler hears nothing of what did not happen."""
    shop.note_commits()

    def work(session: Session) -> None:
        with declining(), session.begin():
            shop.place(session, 1)
            raise DeclinedError

    shop.work(work)

    assert shop.log == []
    assert shop.orders() == []


def test_closing_without_a_commit_drops_what_was_published(shop: Shop) -> None:
    """SQLAlchemy fires no rollback event for it; the session can be used again."""
    shop.note_commits()

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.close()
        shop.place(session, 2)
        session.commit()

    shop.work(work)

    assert shop.log == ["committed 2"]


def test_each_transaction_of_a_session_delivers_its_own(shop: Shop) -> None:
    """Once each, when it is committed."""
    shop.note_commits()

    def work(session: Session) -> None:
        for order_id in (1, 2):
            with session.begin():
                shop.place(session, order_id)
            shop.log.append("next")

    shop.work(work)

    assert shop.log == ["committed 1", "next", "committed 2", "next"]


def test_without_a_transaction_handlers_run_at_once(shop: Shop) -> None:
    """A session that was opened has no transaction until it is used or begun."""
    handled = shop.log

    @shop.bus.on(OrderPlaced, via=after_commit)
    def handle(event: OrderPlaced) -> None:
        handled.append(f"handled {event.order_id}")

    def work(session: Session) -> None:
        shop.bus.publish(OrderPlaced(order_id=1))
        handled.append("begin")
        session.begin()
        shop.bus.publish(OrderPlaced(order_id=2))
        handled.append("commit")
        session.commit()
        shop.bus.publish(OrderPlaced(order_id=3))
        handled.append("end")

    shop.work(work)

    assert handled == ["handled 1", "begin", "commit", "handled 2", "handled 3", "end"]


def test_a_released_savepoint_waits_for_the_outermost_commit(shop: Shop) -> None:
    """The release fires SQLAlchemy's commit event, and is none."""
    shop.note_commits()

    def work(session: Session) -> None:
        with session.begin():
            shop.place(session, 1)
            with session.begin_nested():
                shop.place(session, 2)
            shop.log.append("released")
            shop.place(session, 3)

    shop.work(work)

    assert shop.log == ["released", "committed 1", "committed 2", "committed 3"]


def test_a_savepoint_rolled_back_drops_what_was_published_in_it(shop: Shop) -> None:
    """The rest keeps its order."""
    shop.note_commits()

    def work(session: Session) -> None:
        with session.begin():
            shop.place(session, 1)
            with declining(), session.begin_nested():
                shop.place(session, 2)
                raise DeclinedError
            shop.place(session, 3)

    shop.work(work)

    assert shop.log == ["committed 1", "committed 3"]
    assert shop.orders() == [1, 3]


def test_a_savepoint_in_one_that_is_rolled_back_is_dropped_with_it(shop: Shop) -> None:
    """Though it was released itself."""
    shop.note_commits()

    def work(session: Session) -> None:
        with session.begin():
            outer = session.begin_nested()
            with session.begin_nested():
                shop.place(session, 1)
            shop.place(session, 2)
            outer.rollback()
            shop.place(session, 3)

    shop.work(work)

    assert shop.log == ["committed 3"]


def test_a_savepoint_rolled_back_in_one_that_is_released_is_dropped_alone(shop: Shop) -> None:
    """What is around it is delivered."""
    shop.note_commits()

    def work(session: Session) -> None:
        with session.begin(), session.begin_nested():
            shop.place(session, 1)
            inner = session.begin_nested()
            shop.place(session, 2)
            inner.rollback()
            shop.place(session, 3)

    shop.work(work)

    assert shop.log == ["committed 1", "committed 3"]


def test_a_commit_releases_the_savepoints_that_are_open(shop: Shop) -> None:
    """Whoever commits the session commits all of it."""
    shop.note_commits()

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.begin_nested()
        shop.place(session, 2)
        session.begin_nested()
        shop.place(session, 3)
        session.get_transaction().commit()  # type: ignore[union-attr]  # it has begun

    shop.work(work)

    assert shop.log == ["committed 1", "committed 2", "committed 3"]


def test_a_commit_that_fails_delivers_nothing(shop: Shop) -> None:
    """The row that is there already is found by the flush in the commit."""
    shop.note_commits()

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

    assert shop.log == []


def test_what_is_published_after_a_failed_flush_is_dropped(shop: Shop) -> None:
    """The transaction is there until it is rolled back, and nothing of it will be."""
    shop.note_commits()

    def work(session: Session) -> None:
        with session.begin():
            session.add(Order(id=1))
        session.expunge_all()
        session.add(Order(id=1))
        with pytest.raises(IntegrityError):
            session.flush()
        shop.bus.publish(OrderPlaced(order_id=1))
        with pytest.raises(PendingRollbackError):
            session.commit()
        session.rollback()

    shop.work(work)

    assert shop.log == []


def test_a_transaction_that_the_database_has_aborted_delivers_nothing(shop: Shop) -> None:
    """PostgreSQL turns its COMMIT into a rollback; the others undo the statement alone."""
    shop.note_commits()

    def work(session: Session) -> None:
        session.begin()
        with pytest.raises(DBAPIError):
            session.connection().exec_driver_sql("SELECT nothing FROM nowhere")
        if session.get_bind().dialect.name != "postgresql":
            session.rollback()
            return
        shop.bus.publish(OrderPlaced(order_id=1))
        session.add(Order(id=1))
        with pytest.raises(DBAPIError):
            session.commit()

    shop.work(work)

    assert shop.log == []


def test_a_connection_that_is_lost_before_the_commit_delivers_nothing(
    shop: Shop, request: pytest.FixtureRequest
) -> None:
    """The server has thrown the transaction away."""
    shop.note_commits()
    ways = {
        "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
        "mysql": ("SELECT connection_id()", "KILL {}"),
    }

    def work(session: Session) -> None:
        way = ways.get(session.get_bind().dialect.name)
        shop.place(session, 1)
        if way is None:
            # SQLite has no server; closing the file's handle is as near as it comes.
            session.connection().connection.invalidate()
        else:
            own = session.connection().exec_driver_sql(way[0]).scalar_one()
            with shop.engine.connect() as other:
                other.exec_driver_sql(way[1].format(own))
        with pytest.raises(Exception, match=r".") as caught:
            session.commit()
        shop.log.append(type(caught.value).__name__)

    shop.work(work)

    assert len(shop.log) == 1, shop.log
    assert not shop.log[0].startswith("committed")
    assert shop.orders() == []
