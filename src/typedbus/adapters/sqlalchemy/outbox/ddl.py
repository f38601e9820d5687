"""The statements that make the tables of an outbox, and whether they are there."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Dialect, Engine, inspect
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.schema import CreateIndex, CreateTable

from typedbus.adapters.sqlalchemy.outbox.storage import storage_statement
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.transactions import MAKE_THEM
from typedbus.core.errors import OutboxTablesError

_CHANGE_THEM: Final = (
    "change them by a migration of alembic's, or by hand to what "
    "`typedbus outbox ddl <module>:<outbox>` prints"
)


def statements(tables: Tables, dialect: Dialect) -> list[str]:
    """Return the statements that make *tables* and their indexes on a database of *dialect*."""
    made = list[str]()
    for table in tables.all():
        made.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    if dialect.name == "postgresql":
        stored = (storage_statement(table) for table in tables.hot())
        made += [statement for statement in stored if statement is not None]
    return made


def create(engine: Engine, tables: Tables) -> None:
    """Make those of *tables* that are not there yet."""
    tables.metadata.create_all(engine, tables=tables.all())


def check(connection: Connection, tables: Tables) -> None:
    """Raise `OutboxTablesError` if one of *tables* is missing, or has not the columns it needs."""
    seen = inspect(connection)
    missing, different = list[str](), list[str]()
    for table in tables.all():
        try:
            columns = {column["name"] for column in seen.get_columns(table.name, table.schema)}
        except NoSuchTableError:
            missing.append(table.fullname)
            continue
        lacking = [column.name for column in table.columns if column.name not in columns]
        if lacking:
            different.append(f"{table.fullname} has no {', '.join(lacking)}")
    if missing:
        raise OutboxTablesError(
            "use the outbox", f"its tables are missing: {', '.join(missing)}", MAKE_THEM
        )
    if different:
        raise OutboxTablesError(
            "use the outbox",
            f"its tables are those of another version: {'; '.join(different)}",
            _CHANGE_THEM,
        )
