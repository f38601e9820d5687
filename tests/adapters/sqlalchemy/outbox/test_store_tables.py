"""The tables: made by SQLAlchemy, by alembic or by hand, under any name."""

import subprocess
import sys
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, create_engine, inspect, text

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, engine_on, harness_on
from typedbus.adapters.sqlalchemy.outbox.ddl import check, create, statements
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import OutboxTablesError
from typedbus.outbox.records import Settlement
from typedbus.testing.conformance.records import held, record, start, write

HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest) -> str:
    """Where a database of each kind is."""
    name = {"postgresql": "postgres"}.get(request.param, request.param)
    found: str = request.getfixturevalue(f"{name}_url")
    return found


def works(harness: SqlHarness) -> bool:
    """Say whether an event comes through."""
    first, second = write(harness, record("k"), record("k"))
    relay = start(harness)
    relay.put(held(first, "k"), held(second, "k"))
    relay.settle(removed=[("billing", first)])
    return relay.late() == [("billing", second)]


def test_alembic_finds_nothing_to_change(harness: SqlHarness) -> None:
    """What `create_all` made is what autogenerate expects, of types and defaults too."""
    options = {"compare_type": True, "compare_server_default": True}
    with harness.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, harness.tables.metadata) == []


def test_a_migration_names_nothing_of_typedbus(url: str) -> None:
    """What alembic writes into a migration needs SQLAlchemy and alembic alone."""
    tables = Tables(MetaData(), prefix="new_")
    engine = create_engine(url)
    with engine.connect() as connection:
        script = produce_migrations(MigrationContext.configure(connection), tables.metadata)
        assert script.upgrade_ops is not None
        written = render_python_code(script.upgrade_ops)
    engine.dispose()

    assert "new_event" in written
    assert "typedbus." not in written


@pytest.mark.parametrize("prefix", ["", "a", "Outbox_", "select ", 'we"ird`%s:x_', "ü_"])
def test_a_prefix_may_be_anything(url: str, prefix: str) -> None:
    """Names are quoted where that is needed."""
    with harness_on(url, prefix=prefix) as harness:
        assert works(harness)
        harness.tables.metadata.drop_all(harness.engine)


def test_tables_may_be_in_a_schema(postgres_url: str) -> None:
    """Of its own, or of the MetaData that they are declared on."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text('CREATE SCHEMA "Out Box"'))
    engine.dispose()

    with harness_on(postgres_url, schema="Out Box") as harness:
        assert works(harness)
        assert Tables(MetaData(schema="Out Box")).event.schema == "Out Box"


def test_declaring_them_again_gives_the_same_tables() -> None:
    """Two outboxes of one MetaData may share their tables."""
    metadata = MetaData()

    assert Tables(metadata).event is Tables(metadata).event
    assert isinstance(Tables(metadata, prefix="b_").event, Table)


def test_the_statements_make_them(url: str) -> None:
    """What is printed for those who migrate by hand makes tables that work."""
    tables = Tables(MetaData(), prefix="byhand_")
    engine = engine_on(url)
    with engine.begin() as connection:
        for statement in statements(tables, engine.dialect):
            connection.exec_driver_sql(statement.replace("%", "%%"))
        check(connection, tables)
    engine.dispose()

    with harness_on(url, prefix="byhand_") as harness:
        assert works(harness)


def test_what_is_missing_is_named(url: str) -> None:
    """Whoever forgot to make the tables is told which, and what to do."""
    tables = Tables(MetaData(), prefix="absent_")
    engine = create_engine(url)
    tables.metadata.create_all(engine, tables=[t for t in tables.all() if t is not tables.lease])

    with engine.connect() as connection, pytest.raises(OutboxTablesError) as raised:
        check(connection, tables)
    engine.dispose()

    assert "absent_lease" in raised.value.problem
    assert "absent_event" not in raised.value.problem
    assert "typedbus outbox ddl" in raised.value.remedy


def test_tables_of_another_version_are_named(url: str) -> None:
    """A column that is not there is named."""
    tables = Tables(MetaData(), prefix="old_")
    engine = create_engine(url)
    create(engine, tables)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE old_delivery DROP COLUMN crashes"))

    with engine.connect() as connection, pytest.raises(OutboxTablesError) as raised:
        check(connection, tables)
    engine.dispose()

    assert "old_delivery has no crashes" in raised.value.problem


def test_a_store_without_tables_says_so(url: str) -> None:
    """Not what the driver says, but what is to be done."""
    engine = create_engine(url)
    store = SqlStore(engine, Tables(MetaData(), prefix="never_made_"))
    with harness_on(url) as harness, pytest.raises(OutboxTablesError) as raised:
        store.take_lease(harness.relay(), HOUR)
    store.close()
    engine.dispose()

    assert "typedbus outbox ddl" in str(raised.value)


def test_a_store_on_tables_of_another_version_says_so(url: str) -> None:
    """The column that is missing is in the message."""
    with harness_on(url, prefix="older_") as harness:
        relay = start(harness)
        (number,) = write(harness, record())
        with harness.engine.begin() as connection:
            connection.execute(text("ALTER TABLE older_delivery DROP COLUMN crashes"))

        with pytest.raises(OutboxTablesError, match="crashes"):
            relay.put(held(number, "k"))
        relay.store.settle(relay.lease, Settlement(done=[number]))
        harness.tables.metadata.drop_all(harness.engine)


def test_postgresql_clears_away_soon(postgres_harness: SqlHarness) -> None:
    """Dead rows in front of the first pending one slow every read."""
    with postgres_harness.engine.connect() as connection:
        query = text("SELECT reloptions FROM pg_class WHERE relname = 'typedbus_pending'")

        assert "autovacuum_vacuum_scale_factor=0.01" in (connection.scalar(query) or [])


def test_sqlite_never_gives_a_number_twice(sqlite_harness: SqlHarness) -> None:
    """Though the last event was pruned, the next one has a higher number."""
    (number,) = write(sqlite_harness, record())
    with sqlite_harness.engine.begin() as connection:
        connection.execute(sqlite_harness.tables.pending.delete())
        connection.execute(sqlite_harness.tables.event.delete())

    assert write(sqlite_harness, record()) == [number + 1]


def test_indexes_are_named_by_the_prefix(harness: SqlHarness) -> None:
    """SQLite has one space of names for the indexes of all tables."""
    seen = inspect(harness.engine)

    for table in harness.tables.all():
        for index in seen.get_indexes(table.name):
            assert str(index["name"]).startswith(harness.tables.prefix)


def test_the_statements_need_no_database() -> None:
    """They are printed in a program that has no server at hand."""
    engine = create_engine("postgresql+psycopg://nobody@nowhere.invalid/nothing")

    made = statements(Tables(MetaData(), prefix="p_"), engine.dialect)

    assert any("CREATE TABLE p_event" in statement for statement in made)
    assert any("CREATE INDEX p_delivery_line" in statement for statement in made)
    assert any("autovacuum_vacuum_scale_factor" in statement for statement in made)


def test_importing_the_tables_connects_to_nothing() -> None:
    """Declaring tables is free of drivers."""
    program = (
        "import sys; from sqlalchemy import MetaData;"
        "from typedbus.adapters.sqlalchemy.outbox.tables import Tables; Tables(MetaData());"
        "assert not {'psycopg', 'pymysql'} & sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
