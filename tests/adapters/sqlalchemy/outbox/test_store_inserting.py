"""Events are written in the transaction of whoever publishes, many at once."""

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.outbox.records import Record
from typedbus.testing.conformance.records import record, start


def statements_of(engine: Engine) -> list[str]:
    """Return a list that what is sent from now on is appended to."""
    sent = list[str]()

    def note(*told: object) -> None:
        sent.append(str(told[2]))

    event.listen(engine, "before_cursor_execute", note)
    return sent


def store_of(harness: SqlHarness) -> SqlStore:
    """Return the store that is tested."""
    assert isinstance(harness.store, SqlStore)
    return harness.store


def read_back(harness: SqlHarness) -> list[Record]:
    """Return what a relay reads."""
    return [Record(*stored[1:]) for stored in start(harness).read().fresh]


def test_events_are_numbered_in_the_order_in_which_they_are_given(harness: SqlHarness) -> None:
    """A key's events of one transaction are read in the order of publishing."""
    records = [record(f"k{n}", body=f"{n}") for n in range(2000)]

    with harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, records)

    assert read_back(harness) == records


def test_writing_nothing_is_fine(harness: SqlHarness) -> None:
    """A flush may have nothing to write."""
    with harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, [])

    assert read_back(harness) == []


def test_what_a_savepoint_wrote_goes_with_it(harness: SqlHarness) -> None:
    """A savepoint that is rolled back takes its events along, and no others."""
    kept, dropped, late = record(), record(), record()
    store = store_of(harness)

    with harness.engine.connect() as connection:
        dialect_of(harness.tables, connection.dialect).begin(connection)
        store.insert_records(connection, [kept])
        savepoint = connection.begin_nested()
        store.insert_records(connection, [dropped])
        savepoint.rollback()
        store.insert_records(connection, [late])
        connection.commit()

    assert read_back(harness) == [kept, late]


def test_an_event_is_stored_once(harness: SqlHarness) -> None:
    """Two events of one id are a mistake, and the transaction fails."""
    twice = record()

    with pytest.raises(IntegrityError), harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, [twice, twice])

    assert read_back(harness) == []


def test_events_need_no_statement_each(harness: SqlHarness) -> None:
    """A thousand events take a handful of statements; on PostgreSQL one."""
    records = [record("k") for _ in range(1000)]
    sent = statements_of(harness.engine)

    with harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, records)

    assert len(sent) <= (1 if harness.engine.dialect.name == "postgresql" else 4)


@pytest.mark.parametrize("key", ["\x1e", "a\x1eb\x1fc\x1d", "{NULL}", 'a"b\\c,{}', "%s %(a)s :b ?"])
def test_keys_may_hold_any_character(harness: SqlHarness, key: str) -> None:
    """Nothing in a key is taken for a separator, or for a placeholder."""
    records = [record(key), record(None), record(""), record(key + key)]

    with harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, records)

    assert read_back(harness) == records


def test_a_text_that_postgresql_cannot_hold_is_refused(postgres_harness: SqlHarness) -> None:
    """A NUL fails where it is published, and mixes nothing up."""
    records = [record("a"), record("b\0c"), record("d")]

    with (
        pytest.raises((DataError, StatementError)),
        postgres_harness.engine.begin() as connection,
    ):
        store_of(postgres_harness).insert_records(connection, records)

    assert read_back(postgres_harness) == []


def test_the_time_is_that_of_the_database(harness: SqlHarness) -> None:
    """It is between the times that the database told before and after."""
    before = harness.now()
    with harness.engine.begin() as connection:
        store_of(harness).insert_records(connection, [record()])
    after = harness.now()

    recorded = harness.times(harness.tables.event.c.recorded_at)

    assert before <= recorded[0] <= after


def test_many_large_events_fit(mariadb_harness: SqlHarness) -> None:
    """A statement stays below what the server takes in one packet, however large they are."""
    records = [record(body="x" * 3_000_000) for _ in range(12)]

    with mariadb_harness.engine.begin() as connection:
        store_of(mariadb_harness).insert_records(connection, records)

    assert len(read_back(mariadb_harness)) == len(records)


def test_a_connection_of_another_engine_may_write(harness: SqlHarness) -> None:
    """Sessions of more than one maker publish into one outbox."""
    written = record()
    other = harness.another_engine()

    with other.begin() as connection:
        store_of(harness).insert_records(connection, [written])

    assert read_back(harness) == [written]
    with harness.engine.begin() as connection:
        assert connection.scalars(select(harness.tables.pending.c.id)).one()
