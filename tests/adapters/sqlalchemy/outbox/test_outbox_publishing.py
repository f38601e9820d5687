"""Publishing: an event is stored exactly when the transaction that published it is committed."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.outbox.kiosk import Billed, Kiosk, Sale, Sold, Stored, kiosk_on
from tests.adapters.sqlalchemy.shop import DeclinedError, declining, engine_of
from tests.servers.database import Database
from typedbus import Bus, Event, HandlersFailedError, context, event
from typedbus.adapters.sqlalchemy import after_commit, introduce, transaction, within
from typedbus.core.errors import (
    EncodeError,
    NoTransactionError,
    OutboxTablesError,
    TooLargeError,
    WireNameError,
)


@event(name="kiosk.refused")
class Refused(Event):
    what: Any


class Nameless(Event):
    number: int


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


def problem(error: pytest.ExceptionInfo[HandlersFailedError]) -> Exception:
    """Return the one error in the group."""
    (found,) = error.value.exceptions
    return found


def test_an_event_is_stored_with_the_commit(kiosk: Kiosk) -> None:
    """Not before, and not at all if the transaction is rolled back."""
    kiosk.owe("billing", key=lambda e: e.number)

    with transaction(kiosk.sessions) as session:
        session.add(Sale(1))
        kiosk.sell(1)
        session.flush()
        before = kiosk.stored() if kiosk.engine.dialect.name != "sqlite" else []
    with declining(), transaction(kiosk.sessions):
        kiosk.sell(2)
        raise DeclinedError

    assert before == []
    assert kiosk.stored() == [Stored("kiosk.sold", 1, "1", "billing=")]
    assert kiosk.pending() == 1
    assert kiosk.sales() == [1]


def test_one_record_is_owed_to_every_handler(kiosk: Kiosk) -> None:
    """However many durable handlers an event has, it is stored once, with each one's key."""
    kiosk.owe("billing", key=lambda e: e.number)
    kiosk.owe("mail")
    kiosk.owe("stock", key=lambda e: f"s {e.number}")

    kiosk.sold(1)

    assert kiosk.stored() == [Stored("kiosk.sold", 1, "1", "billing= mail stock=s%201")]


def test_the_same_object_published_twice_is_two_events(small: Kiosk) -> None:
    """What is merged is one publication."""
    small.owe("billing")
    same = Sold(number=1)

    with transaction(small.sessions):
        small.bus.publish(same)
        small.bus.publish(same)

    assert small.numbers() == [1, 1]


def test_all_events_of_a_transaction_are_one_insert(kiosk: Kiosk) -> None:
    """In the order of publishing."""
    kiosk.owe("billing", "mail")
    inserts = list[str]()

    @sqlalchemy_event.listens_for(kiosk.engine, "before_cursor_execute")
    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if "INSERT INTO typedbus_event" in statement.replace("`", ""):
            inserts.append(statement)

    kiosk.sold(*range(50))

    assert kiosk.numbers() == list(range(50))
    assert len(inserts) == 1


def test_a_savepoint_that_is_rolled_back_drops_what_was_published_in_it(kiosk: Kiosk) -> None:
    """One that is released hands it over, and the order stays."""
    kiosk.owe("billing")

    with transaction(kiosk.sessions) as session:
        kiosk.sell(1)
        with session.begin_nested():
            kiosk.sell(2)
            with declining(), session.begin_nested():
                kiosk.sell(3)
                raise DeclinedError
            kiosk.sell(4)
        kiosk.sell(5)

    assert kiosk.numbers() == [1, 2, 4, 5]


def test_a_savepoint_that_nobody_released_is_committed_with_the_rest(small: Kiosk) -> None:
    """The commit of the outermost transaction releases those inside."""
    small.owe("billing")

    with small.sessions.begin() as session:
        small.sell(1)
        session.begin_nested()
        small.sell(2)
        session.begin_nested()
        small.sell(3)

    assert small.numbers() == [1, 2, 3]


def test_a_handler_that_opens_a_savepoint_between_two_durable_ones(small: Kiosk) -> None:
    """The event is one, whichever savepoint its handlers were called in."""
    small.owe("first")
    open_savepoints = list[Any]()

    def opens(event: Sold) -> None:
        open_savepoints.append(session.begin_nested())

    small.bus.subscribe(Sold, opens)
    small.owe("second")

    with small.sessions.begin() as session:
        small.sell(1)
        open_savepoints.pop().commit()
        small.sell(2)
        open_savepoints.pop().rollback()

    assert [(each.number, each.owed_to) for each in small.stored()] == [
        (1, "first second"),
        (2, "first"),
    ]


def test_what_a_flush_publishes_is_stored(kiosk: Kiosk) -> None:
    """Be it ours before the insert, or one that a listener behind ours has made necessary."""
    kiosk.owe("billing", "mail")

    @sqlalchemy_event.listens_for(kiosk.sessions, "before_flush")
    def publish(session: Session, *rest: object) -> None:
        kiosk.sell(*sorted(each.id for each in session.new))

    @sqlalchemy_event.listens_for(kiosk.sessions, "before_commit")
    def add(session: Session) -> None:
        if session.get(Sale, 9) is None:
            session.add(Sale(9))
            kiosk.sell(8)

    with kiosk.sessions.begin() as session:
        kiosk.sell(1)
        session.add(Sale(2))

    assert kiosk.numbers() == [1, 2, 8, 9]
    assert {each.owed_to for each in kiosk.stored()} == {"billing mail"}


def test_an_after_commit_handler_publishes_in_a_transaction_of_its_own(kiosk: Kiosk) -> None:
    """What is durable there is stored by that one."""
    kiosk.owe("billing")

    @kiosk.bus.on(Billed, via=after_commit)
    def goes_on(event: Billed) -> None:
        with transaction(kiosk.sessions):
            kiosk.sell(event.number + 1)

    with transaction(kiosk.sessions):
        kiosk.bus.publish(Billed(number=1))

    assert kiosk.numbers() == [2]


def test_within_names_the_session(small: Kiosk) -> None:
    """Also before its transaction has begun; a session that is closed drops it, with a warning."""
    small.owe("billing")

    with small.sessions() as session:
        within(session, small.bus).publish(Sold(number=1))
        session.commit()
        within(session, small.bus).publish(Sold(number=2))
        session.add(Sale(2))
        within(session, small.bus).publish(Sold(number=3))
        session.commit()

    assert small.numbers() == [1, 2, 3]


def test_a_closed_session_has_dropped_what_was_published_early(
    small: Kiosk, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log."""
    small.owe("billing")

    with small.sessions() as session:
        within(session, small.bus).publish(Sold(number=1))
        session.close()
        session.add(Sale(1))
        session.commit()

    assert small.numbers() == []
    assert "billing on kiosk.sold" in caplog.text


def test_the_recipe_for_tests_works(kiosk: Kiosk) -> None:
    """A session joined into a transaction of the test stores what the test can see and undo."""
    kiosk.owe("billing")
    with kiosk.engine.connect() as connection:
        around = connection.begin()
        with (
            kiosk.sessions(bind=connection, join_transaction_mode="create_savepoint") as session,
            session.begin(),
        ):
            kiosk.sell(1)
        inside = connection.execute(kiosk.outbox.tables.event.select()).all()
        around.rollback()

    assert len(inside) == 1
    assert kiosk.stored() == []


def test_two_outboxes_store_each_what_they_owe(small: Kiosk, tmp_path: Any) -> None:
    """On the same database by their prefixes, and on two by the transaction of each."""
    other_database = Database(f"sqlite:///{tmp_path / 'other.sqlite'}", "", {})
    with kiosk_on(other_database) as other, kiosk_on(small.database, prefix="second_") as second:
        small.owe("billing")
        small.bus.subscribe(Sold, second.outbox.durable("second")(second.noting("second")))
        small.bus.subscribe(Sold, other.outbox.durable("other")(other.noting("other")))

        with transaction(small.sessions), transaction(other.sessions):
            small.sell(1)
        with transaction(other.sessions), transaction(small.sessions):
            small.sell(2)

        assert small.numbers() == [1, 2]
        assert [each.owed_to for each in second.stored()] == ["second", "second"]
        assert [each.owed_to for each in other.stored()] == ["other", "other"]


def test_a_session_of_another_database_is_refused(small: Kiosk, tmp_path: Any) -> None:
    """The message names both."""
    small.owe("billing")
    engine = engine_of(f"sqlite:///{tmp_path / 'other.sqlite'}")
    others = introduce(sessionmaker(engine))

    with pytest.raises(HandlersFailedError) as refused, others.begin():
        small.sell(1)
    engine.dispose()

    error = problem(refused)
    assert isinstance(error, NoTransactionError)
    assert "other.sqlite" in error.problem
    assert "shop.sqlite" in error.problem


def test_without_a_transaction_nothing_is_published(small: Kiosk) -> None:
    """The message names event, handler and what to do."""
    small.owe("billing")

    with pytest.raises(HandlersFailedError) as refused:
        small.sell(1)

    error = problem(refused)
    assert isinstance(error, NoTransactionError)
    assert "Sold" in error.act
    assert "billing" in error.act
    assert "transaction(" in error.remedy


def test_what_cannot_be_written_fails_in_the_business_transaction(small: Kiosk) -> None:
    """An event that JSON cannot hold names the field, one without a wire name its class."""
    small.bus.subscribe(Refused, small.outbox.durable("refused")(lambda event: None))
    small.bus.subscribe(Nameless, small.outbox.durable("nameless")(lambda event: None))

    with pytest.raises(HandlersFailedError) as unwritable, transaction(small.sessions):
        small.bus.publish(Refused(what=object()))
    with pytest.raises(HandlersFailedError) as nameless, transaction(small.sessions):
        small.bus.publish(Nameless(number=1))

    error = problem(unwritable)
    assert isinstance(error, EncodeError)
    assert "what" in error.problem
    assert isinstance(problem(nameless), WireNameError)
    assert small.stored() == []


def test_an_event_may_be_large_but_not_without_bounds(kiosk: Kiosk) -> None:
    """10 MB are stored; what is larger than the most that is taken is refused on publish."""
    kiosk.owe("billing")

    with transaction(kiosk.sessions):
        kiosk.bus.publish(Sold(number=1, text="é" * 5_000_000))
    with pytest.raises(HandlersFailedError) as refused, transaction(kiosk.sessions):
        kiosk.bus.publish(Sold(number=2, text="x" * 16_000_001))

    assert kiosk.numbers() == [1]
    assert isinstance(problem(refused), TooLargeError)


def test_a_key_has_a_bound(small: Kiosk) -> None:
    """A key that a database could not index is refused on publish."""
    small.owe("billing", key=lambda e: e.text)

    with pytest.raises(HandlersFailedError) as refused, transaction(small.sessions):
        small.bus.publish(Sold(number=1, text="x" * 501))

    assert isinstance(problem(refused), EncodeError)


def test_missing_tables_say_the_command(kiosk: Kiosk) -> None:
    """The transaction fails, and the message says how to make them."""
    kiosk.owe("billing")
    kiosk.outbox.tables.metadata.drop_all(kiosk.engine)

    def sell() -> None:
        with kiosk.sessions.begin() as session:
            session.add(Sale(1))
            kiosk.sell(1)

    with pytest.raises(OutboxTablesError) as missing:
        sell()

    assert "typedbus outbox ddl" in missing.value.remedy
    assert kiosk.sales() == []


def test_a_commit_that_failed_may_be_repeated(small: Kiosk) -> None:
    """What could not be written waits on."""
    small.owe("billing")
    small.outbox.tables.metadata.drop_all(small.engine)

    with small.sessions() as session:
        session.begin()
        small.sell(1)
        with pytest.raises(OutboxTablesError):
            session.commit()
        small.outbox.tables.metadata.create_all(session.connection())
        session.commit()

    assert small.numbers() == [1]


def test_context_and_causes_are_stored(small: Kiosk) -> None:
    """Correlation, tenant and headers of the publisher travel with the event."""
    small.owe("billing")

    with context(correlation_id="c1", tenant="acme", headers={"traceparent": "t"}):
        small.sold(1)

    (headers,) = small.headers()
    assert headers["ce-correlationid"] == "c1"
    assert headers["ce-tenant"] == "acme"
    assert headers["traceparent"] == "t"


def test_a_maker_may_get_its_engine_later(sqlite_database: Database) -> None:
    """Until then publishing fails, and says so."""
    with kiosk_on(sqlite_database) as kiosk:
        maker = sessionmaker[Session]()
        late = type(kiosk.outbox)(maker, kiosk.outbox.tables.metadata)
        bus = Bus()
        bus.subscribe(Sold, late.durable("late")(lambda event: None))
        maker.configure(bind=kiosk.engine)

        with maker.begin():
            bus.publish(Sold(number=1))

        assert [each.owed_to for each in kiosk.stored()] == ["late"]


@pytest.mark.parametrize("policy", ["log", "collect", "raise"])
def test_an_event_that_cannot_be_stored_stops_the_commit(small: Kiosk, policy: Any) -> None:
    """Whatever the policy of the bus makes of the error: it would be lost."""
    bus = Bus(on_error=policy)
    bus.subscribe(Refused, small.outbox.durable("refused")(lambda event: None))

    def sell() -> None:
        with small.sessions.begin() as session:
            session.add(Sale(1))
            with suppress(HandlersFailedError, EncodeError):
                bus.publish(Refused(what=object()))

    with pytest.raises(EncodeError):
        sell()

    assert small.sales() == []


def test_a_savepoint_rolled_back_takes_what_could_not_be_stored_along(small: Kiosk) -> None:
    """The rest may be committed."""
    small.bus.subscribe(Refused, small.outbox.durable("refused")(lambda event: None))

    with small.sessions.begin() as session:
        session.add(Sale(1))
        with suppress(HandlersFailedError), session.begin_nested():
            small.bus.publish(Refused(what=object()))

    assert small.sales() == [1]


def test_a_savepoint_released_hands_on_what_could_not_be_stored(small: Kiosk) -> None:
    """The commit is refused as if it had been published outside."""
    small.bus.subscribe(Refused, small.outbox.durable("refused")(lambda event: None))

    def sell() -> None:
        with small.sessions.begin() as session, session.begin_nested():
            session.add(Sale(1))
            with suppress(HandlersFailedError):
                small.bus.publish(Refused(what=object()))

    with pytest.raises(EncodeError):
        sell()

    assert small.sales() == []


def test_events_are_numbered_after_the_rows_are_locked(kiosk: Kiosk) -> None:
    """What is to be flushed is flushed first: so the numbers follow the turns of the writers."""
    kiosk.owe("billing")
    written = list[str]()

    @sqlalchemy_event.listens_for(kiosk.engine, "before_cursor_execute")
    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        for table in ("kiosk_sale", "typedbus_event"):
            if f"INSERT INTO {table}" in statement.replace("`", ""):
                written.append(table)

    with kiosk.sessions.begin() as session:
        kiosk.sell(1)
        session.add(Sale(1))

    assert written == ["kiosk_sale", "typedbus_event"]


def test_a_key_that_fails_stops_the_commit(small: Kiosk) -> None:
    """What the event is ordered by is not known."""
    small.owe("billing", key=lambda e: e.nothing)

    with pytest.raises(AttributeError), small.sessions.begin(), suppress(HandlersFailedError):
        small.sell(1)
