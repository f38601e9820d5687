"""Which kind of database it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import Dialect

from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.adapters.sqlalchemy.outbox.dialect_mariadb import MariaDBDialect
from typedbus.adapters.sqlalchemy.outbox.dialect_postgresql import PostgresDialect
from typedbus.adapters.sqlalchemy.outbox.dialect_sqlite import SQLiteDialect
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import OutboxError

_KNOWN: Final[dict[str, type[OutboxDialect]]] = {
    "postgresql": PostgresDialect,
    "sqlite": SQLiteDialect,
    "mariadb": MariaDBDialect,
    "mysql": MariaDBDialect,  # URLs of MariaDB may begin with either
}


@lru_cache(maxsize=64)
def dialect_of(tables: Tables, spoken: Dialect) -> OutboxDialect:
    """Return how *tables* are spoken of to a database, of which SQLAlchemy knows *spoken*."""
    known = _KNOWN.get(spoken.name)
    if known is None:
        raise OutboxError(
            f"keep an outbox in {spoken.name}",
            "typedbus does not know this kind of database",
            "use PostgreSQL, MariaDB or SQLite",
        )
    return known(tables, spoken)
