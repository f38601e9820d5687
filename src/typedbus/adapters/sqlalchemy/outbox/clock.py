"""The clock of the database: the only one that an outbox goes by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.compiler import SQLCompiler


class database_now(FunctionElement[datetime]):  # noqa: N801 - a function of SQL
    """The time at which a statement runs, by the clock of the database."""

    type: TypeEngine[datetime] = DateTime(timezone=True)
    inherit_cache: bool | None = True


@compiles(database_now, "postgresql")
def _on_postgresql(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    del element, compiler, options
    return "clock_timestamp()"


@compiles(database_now, "mysql")
@compiles(database_now, "mariadb")
def _on_mysql(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    del element, compiler, options
    return "UTC_TIMESTAMP(6)"  # not NOW(), which goes by the time zone of the session


@compiles(database_now, "sqlite")
def _on_sqlite(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    del element, compiler, options
    # As long as what SQLAlchemy writes for a datetime: SQLite compares them as texts.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


def in_utc(value: datetime) -> datetime:
    """Return a time as a column gave it, with its zone."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def as_column(connection: Connection, value: datetime) -> datetime:
    """Return *value* as a column takes it."""
    if connection.dialect.name == "postgresql":
        return value
    return value.astimezone(UTC).replace(tzinfo=None)
