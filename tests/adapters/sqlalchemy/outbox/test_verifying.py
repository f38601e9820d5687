"""Verifying finds what breaks a promise, each with a remedy, and nothing where all is well."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

from tests.adapters.sqlalchemy.outbox.desks import Office, office_at
from tests.adapters.sqlalchemy.outbox.poolers import pooler_before
from tests.servers.absence import absence_skips
from tests.servers.database import Database
from tests.servers.postgres import Postgres
from typedbus.adapters.sqlalchemy.outbox.operating import TableOperators
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.records import State
from typedbus.outbox.reports import Finding, Severity

BROKEN, WARNING = Severity.BROKEN, Severity.WARNING
# The servers of tests are made for speed, and lose what a crash interrupts.
OF_THE_SERVER = (
    "fsync",
    "full_page_writes",
    "innodb_doublewrite",
    "innodb_flush_log",
    "sync_binlog",
    "synchronous_commit",
)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An outbox that is empty, on each database."""
    with office_at(database.url) as office:
        yield office
        # The database is that of the next test, too.
        office.tables.metadata.drop_all(office.engine)


@pytest.fixture
def sqlite_office(sqlite_url: str) -> Iterator[Office]:
    """An outbox that is empty, on SQLite."""
    with office_at(sqlite_url) as office:
        yield office


@pytest.fixture
def postgres_office(postgres_url: str) -> Iterator[Office]:
    """An outbox that is empty, on PostgreSQL."""
    with office_at(postgres_url) as office:
        yield office
        office.tables.metadata.drop_all(office.engine)


@pytest.fixture
def mariadb_office(mariadb_url: str) -> Iterator[Office]:
    """An outbox that is empty, on MariaDB."""
    with office_at(mariadb_url) as office:
        yield office
        office.tables.metadata.drop_all(office.engine)


def found_by(office: Office, engine: Engine | None = None, **limits: Any) -> list[Finding]:
    """Return what is found, but for what the servers of tests are known for."""
    operators = TableOperators(
        engine or office.engine, office.tables, office.handlers, "office", limits=Limits(**limits)
    )
    found = operators.verify()
    assert all(finding.remedy for finding in found)
    return [each for each in found if not each.problem.startswith(OF_THE_SERVER)]


def the_only_one(found: list[Finding]) -> tuple[Severity, str]:
    """Return severity and problem of the only finding."""
    (finding,) = found
    return finding.severity, finding.problem


def run(office: Office, *statements: str) -> None:
    """Run *statements* in the database of *office*."""
    with office.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_nothing_is_found_where_all_is_well(office: Office) -> None:
    """With events that are fresh, that wait, that are dead, and a relay that works."""
    office.works()
    office.event("bill", pending=True)
    for state in (State.DEAD, State.WAITING, State.UNKNOWN, State.SENT, State.RUNNING):
        office.late("bill", state, line=state.value)
    office.late("bill", State.HELD, line="dead")

    assert found_by(office) == []


def test_missing_tables_are_found(office: Office) -> None:
    """And the rest is looked at all the same, as far as it can be."""
    run(office, "DROP TABLE typedbus_inbox", "DROP TABLE typedbus_pending")

    found = found_by(office)

    assert [finding.severity for finding in found] == [BROKEN, BROKEN]
    assert {finding.problem for finding in found} == {
        "there is no table typedbus_inbox",
        "there is no table typedbus_pending",
    }


def test_missing_columns_are_found(office: Office) -> None:
    """As an update of typedbus leaves them whose migration was forgotten."""
    run(office, "ALTER TABLE typedbus_delivery DROP COLUMN replayed_at")

    severity, problem = the_only_one(found_by(office))

    assert severity is BROKEN
    assert "typedbus_delivery has no column replayed_at" in problem


def test_missing_indexes_are_found(office: Office) -> None:
    """One with more columns behind does as well."""
    on = " ON typedbus_delivery" if office.engine.dialect.name == "mysql" else ""
    run(
        office,
        f"DROP INDEX typedbus_delivery_line{on}",
        f"DROP INDEX typedbus_delivery_due{on}",
        "CREATE INDEX other ON typedbus_delivery (state, due_at, id, updated_at)",
    )

    severity, problem = the_only_one(found_by(office))

    assert severity is WARNING
    assert "no index on handler, line, id" in problem


def test_a_missing_key_is_found(postgres_office: Office, mariadb_office: Office) -> None:
    """Without it an event may be there twice."""
    run(postgres_office, "ALTER TABLE typedbus_event DROP CONSTRAINT typedbus_event_event_id")
    run(mariadb_office, "ALTER TABLE typedbus_inbox DROP PRIMARY KEY")

    severity, problem = the_only_one(found_by(postgres_office))
    assert severity is BROKEN
    assert "no unique constraint on event_id" in problem
    severity, problem = the_only_one(found_by(mariadb_office))
    assert severity is BROKEN
    assert "no primary key on consumer, event_id" in problem


def test_rows_without_their_event_are_found(office: Office) -> None:
    """Whoever deletes from the log by hand has not looked at what is owed."""
    office.delivery(70, "bill", State.DEAD)
    run(office, "INSERT INTO typedbus_pending (id) VALUES (71), (72), (73), (74)")

    found = {finding.problem: finding.severity for finding in found_by(office)}

    assert set(found.values()) == {BROKEN}
    assert any("deliveries are about are gone (ids 70)" in problem for problem in found)
    assert any("4 rows of typedbus_pending have no event (ids 71, 72, 73, …)" in p for p in found)


def test_a_line_that_stands_still_is_found(office: Office) -> None:
    """Its first is held, and nothing would ever make it due."""
    stuck = office.late("bill", State.HELD, line="a")
    office.late("bill", State.HELD, line="a")

    severity, problem = the_only_one(found_by(office))

    assert severity is BROKEN
    assert f"1 lines stand still: the first of them is held (ids {stuck})" in problem


def test_what_nobody_has_decided_about_is_found(office: Office) -> None:
    """What is dead, or unknown, for longer than is good."""
    month = timedelta(days=31)
    office.late("bill", State.DEAD, age=month)
    office.late("bill", State.UNKNOWN, age=month)
    office.late("bill", State.WAITING, age=month)

    found = found_by(office)

    assert [finding.severity for finding in found] == [WARNING, WARNING]
    assert "1 deliveries are dead for more than 30 days" in found[0].problem
    assert "1 deliveries are unknown for more than 30 days" in found[1].problem


def test_events_that_wait_for_no_relay_are_found(office: Office) -> None:
    """No relay, or one that is silent; a new event waits for a moment only."""
    office.event("bill", pending=True, age=timedelta(hours=1))

    assert "no relay works" in the_only_one(found_by(office))[1]
    office.works(expires_in=-timedelta(minutes=1))
    assert "no relay works" in the_only_one(found_by(office))[1]
    office.works()
    assert found_by(office) == []


@pytest.mark.parametrize("off", [timedelta(minutes=-10), timedelta(minutes=10)])
def test_clocks_that_are_apart_are_found(office: Office, off: timedelta) -> None:
    """That of the database, and that of the machine that verifies."""
    severity, problem = the_only_one(found_by(office, clock=lambda: datetime.now(UTC) + off))

    assert severity is WARNING
    assert "10:00" in problem or "9:59" in problem


def test_an_engine_without_transactions_is_found(office: Office) -> None:
    """What an event tells of would be kept without the event."""
    engine = create_engine(office.engine.url, isolation_level="AUTOCOMMIT")

    found = found_by(office, engine)
    engine.dispose()

    severity, problem = the_only_one(found)
    assert severity is BROKEN
    assert "commits each statement by itself" in problem


def test_transactions_begun_by_a_listener_are_transactions(sqlite_office: Office) -> None:
    """As SQLAlchemy advises it for SQLite: the driver is told to begin none."""
    sqlite_office.engine.dispose()
    engine = create_engine(sqlite_office.engine.url)

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: Any, record: object) -> None:  # Any: the driver's
        del record
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    found = found_by(sqlite_office, engine)
    engine.dispose()

    assert found == []


def test_dirty_reads_are_found(mariadb_office: Office) -> None:
    """A handler would see what its publisher rolls back."""
    engine = create_engine(mariadb_office.engine.url, isolation_level="READ UNCOMMITTED")

    found = found_by(mariadb_office, engine)
    engine.dispose()

    severity, problem = the_only_one(found)
    assert severity is BROKEN
    assert "READ UNCOMMITTED" in problem


def test_settings_of_postgresql_that_lose_commits_are_found(postgres_office: Office) -> None:
    """The server of the tests has fsync off; synchronous_commit is that of the session."""
    broken = {}
    for value in ("off", "on"):
        url = postgres_office.engine.url.update_query_dict(
            {"options": f"-c synchronous_commit={value}"}
        )
        engine = create_engine(url)
        tables, handlers = postgres_office.tables, postgres_office.handlers
        found = TableOperators(engine, tables, handlers, "office").verify()
        engine.dispose()
        broken[value] = " ".join(each.problem for each in found if each.severity is BROKEN)

    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        assert f"{name} is off" in broken["off"]
    assert "synchronous_commit" not in broken["on"]


def test_a_table_without_autovacuum_is_found(postgres_office: Office) -> None:
    """Its rows come and go all the time."""
    run(postgres_office, "ALTER TABLE typedbus_pending SET (autovacuum_enabled = false)")

    severity, problem = the_only_one(found_by(postgres_office))

    assert (severity, problem) == (WARNING, "autovacuum is off for typedbus_pending")


def test_numbers_that_are_cached_are_found(postgres_office: Office) -> None:
    """Two sessions would draw them in no order."""
    run(postgres_office, "ALTER SEQUENCE typedbus_event_id_seq CACHE 20")

    severity, problem = the_only_one(found_by(postgres_office))

    assert severity is BROKEN
    assert "caches 20 numbers" in problem


def test_numbers_from_elsewhere_are_found(postgres_office: Office) -> None:
    """Nobody can say in which order they are drawn."""
    run(
        postgres_office,
        "ALTER SEQUENCE typedbus_event_id_seq OWNED BY NONE",
        "ALTER TABLE typedbus_event ALTER COLUMN id DROP DEFAULT",
        "DROP SEQUENCE typedbus_event_id_seq",
    )

    severity, problem = the_only_one(found_by(postgres_office))

    assert severity is WARNING
    assert "come from no sequence" in problem


@pytest.mark.parametrize("which", ["postgres", "mariadb"])
def test_a_transaction_that_is_open_for_long_is_found(
    request: pytest.FixtureRequest, which: str
) -> None:
    """Rows that are done with stay for it, and are waded through."""
    office: Office = request.getfixturevalue(f"{which}_office")
    office.event("bill")
    with office.engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        connection.execute(text("SELECT count(*) FROM typedbus_event")).all()
        connection.execute(text("UPDATE typedbus_event SET version = 2"))

        found = found_by(office, open_for=timedelta(seconds=-5))

    assert {finding.severity for finding in found} == {WARNING}
    assert all("is open for" in finding.problem for finding in found)
    assert [f for f in found_by(office) if "is open for" in f.problem] == []


@pytest.fixture
def careful_url() -> Iterator[str]:
    """A database on a PostgreSQL that keeps what is committed, but clears nothing away."""
    settings = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "autovacuum": "off",
        "max_prepared_transactions": "5",
    }
    with absence_skips():
        server = Postgres(settings)
    try:
        with server.database() as database:
            yield database.url
    finally:
        server.stop()


def test_transactions_that_nobody_ends_are_found(careful_url: str) -> None:
    """One that is prepared outlives its session; and the server may clear nothing away."""
    with office_at(careful_url) as office:
        with office.engine.connect() as connection:
            connection.execute(text("INSERT INTO typedbus_pending (id) VALUES (-1)"))
            connection.execute(text("DELETE FROM typedbus_pending"))
            connection.execute(text("PREPARE TRANSACTION 'forgotten'"))
        tables, handlers = office.tables, office.handlers
        soon = Limits(open_for=timedelta(seconds=-5))

        found = TableOperators(office.engine, tables, handlers, "o", limits=soon).verify()
        with office.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("ROLLBACK PREPARED 'forgotten'"))

    assert {finding.severity for finding in found} == {WARNING}
    problems = " ".join(finding.problem for finding in found)
    assert "autovacuum is off " in problems
    assert "the prepared transaction 'forgotten' is open for" in problems


def test_a_pooler_is_found(postgres_office: Office) -> None:
    """Locks of a session, and what it listens to, may be another client's."""
    url = postgres_office.engine.url
    with pooler_before(str(url.query["host"]), str(url.query["port"])) as port:
        through = {"sslmode": "disable", "gssencmode": "disable"}
        engine = create_engine(url.set(host="127.0.0.1", port=port, query=through))
        found = found_by(postgres_office, engine)
        engine.dispose()

    severity, problem = the_only_one(found)
    assert severity is WARNING
    assert "a pooler stands between" in problem


def test_tables_without_transactions_are_found(mariadb_office: Office) -> None:
    """As a server makes them whose default engine is another."""
    run(mariadb_office, "ALTER TABLE typedbus_pending ENGINE = MyISAM")

    severity, problem = the_only_one(found_by(mariadb_office))

    assert severity is BROKEN
    assert "typedbus_pending is of MyISAM" in problem


def test_settings_of_mariadb_that_lose_commits_are_found(mariadb_office: Office) -> None:
    """What the server of the tests has set is found, and nothing that it has not."""
    with mariadb_office.engine.connect() as connection:
        flush = connection.execute(text("SELECT @@innodb_flush_log_at_trx_commit")).scalar_one()
        doublewrite = connection.execute(text("SELECT @@innodb_doublewrite")).scalar_one()

    problems = " ".join(finding.problem for finding in mariadb_office.operators.verify())

    assert ("innodb_flush_log_at_trx_commit is" in problems) == (flush != 1)
    assert ("innodb_doublewrite is off" in problems) == (str(doublewrite) in ("0", "OFF"))


@pytest.mark.parametrize(
    ("pragma", "severity", "said"),
    [
        ("journal_mode = DELETE", WARNING, "journal_mode is delete"),
        ("journal_mode = MEMORY", BROKEN, "journal_mode is memory"),
        ("synchronous = NORMAL", BROKEN, "synchronous is less than FULL"),
        ("synchronous = OFF", BROKEN, "synchronous is less than FULL"),
        ("busy_timeout = 0", WARNING, "busy_timeout is 0 ms"),
    ],
    ids=["journal", "no-journal", "normal", "off", "busy"],
)
def test_settings_of_sqlite_are_found(
    sqlite_office: Office, pragma: str, severity: Severity, said: str
) -> None:
    """Those that lose commits, and those that make others wait, or not wait."""
    sqlite_office.engine.dispose()  # the journal is changed by whoever is alone
    engine = create_engine(sqlite_office.engine.url)

    @event.listens_for(engine, "connect")
    def set_it(connection: Any, record: object) -> None:  # Any: the driver's
        del record
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA {pragma}")

    found = found_by(sqlite_office, engine)
    engine.dispose()

    found_severity, problem = the_only_one(found)
    assert found_severity is severity
    assert said in problem


def test_a_database_in_memory_is_found() -> None:
    """It ends with the process, and what is owed with it."""
    with office_at("sqlite://") as office:
        severity, problem = the_only_one(found_by(office))

    assert severity is BROKEN
    assert "in memory" in problem


def test_what_may_not_be_looked_at_is_told(postgres_office: Office) -> None:
    """The rest is looked at."""
    name = make_url(postgres_office.engine.url).database
    run(
        postgres_office,
        "DROP ROLE IF EXISTS dverify",
        "CREATE ROLE dverify LOGIN PASSWORD 'x'",
        f'GRANT CONNECT ON DATABASE "{name}" TO dverify',
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO dverify",
        "REVOKE SELECT ON typedbus_pending FROM dverify",
    )
    url = postgres_office.engine.url.set(username="dverify", password="x")
    engine = create_engine(url)

    found = found_by(postgres_office, engine)
    engine.dispose()
    run(postgres_office, "DROP OWNED BY dverify", "DROP ROLE dverify")

    assert found
    assert {finding.severity for finding in found} == {WARNING}
    assert "it is not known whether whatever is owed has its event: " in found[0].problem
