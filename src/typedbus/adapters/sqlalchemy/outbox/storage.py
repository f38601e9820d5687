"""How PostgreSQL stores tables whose rows come and go all the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import DDL, Table, event
from sqlalchemy.dialects import postgresql

_VACUUM: Final = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_vacuum_cost_delay": "0",
}
"""It is to clear away after them before they are many: who reads the first rows skips the dead."""

_TAKES_OPTIONS: Final = any(
    made is Table and "with" in arguments
    for made, arguments in postgresql.dialect.construct_arguments or ()
)
"""Whether this SQLAlchemy lets a table say it: 2.1 does, and 2.0 needs a statement."""


def storage_options() -> Mapping[str, Mapping[str, str]]:
    """Return the options of such a table."""
    return {"postgresql_with": _VACUUM} if _TAKES_OPTIONS else {}


def store_well(table: Table) -> None:
    """See that *table* is stored so when SQLAlchemy makes it."""
    statement = storage_statement(table)
    if statement is not None:
        ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy's
        event.listen(table, "after_create", ddl.execute_if(dialect="postgresql"))


def storage_statement(table: Table) -> str | None:
    """Return what tells PostgreSQL how to store *table*, where `CREATE TABLE` does not say it."""
    if _TAKES_OPTIONS:
        return None
    # Not as a driver wants it, where a percent sign is two.
    spoken = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy's
    told = ", ".join(f"{name} = {value}" for name, value in _VACUUM.items())
    return f"ALTER TABLE {spoken.identifier_preparer.format_table(table)} SET ({told})"
