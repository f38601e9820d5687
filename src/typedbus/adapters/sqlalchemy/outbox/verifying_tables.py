"""Whether the tables of an outbox are there, with their columns, keys and indexes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Inspector, Table, UniqueConstraint, inspect

from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn
from typedbus.outbox.reports import Finding, Severity

_DDL = "see the statements of `typedbus outbox ddl`, or let alembic make what is missing"


def missing(turn: Turn) -> Iterator[Finding]:
    """Give what is not there as it is declared."""
    found = inspect(turn.connection)
    for table in turn.tables.all():
        if not found.has_table(table.name, schema=table.schema):
            yield Finding(Severity.BROKEN, f"there is no table {table.name}", _DDL)
            continue
        yield from _columns(found, table)
        yield from _keys(found, table)
        yield from _indexes(found, table)


def _columns(found: Inspector, table: Table) -> Iterator[Finding]:
    there = {column["name"] for column in found.get_columns(table.name, schema=table.schema)}
    for column in table.columns:
        if column.name not in there:
            problem = f"the table {table.name} has no column {column.name}"
            yield Finding(Severity.BROKEN, problem, _DDL)


def _keys(found: Inspector, table: Table) -> Iterator[Finding]:
    there = _unique(found, table)
    wanted = [("primary key", [column.name for column in table.primary_key])]
    wanted += [
        ("unique constraint", [column.name for column in constraint.columns])
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    for kind, columns in wanted:
        if columns not in there:
            problem = f"the table {table.name} has no {kind} on {', '.join(columns)}"
            yield Finding(Severity.BROKEN, f"{problem}: an event may be there twice", _DDL)


def _unique(found: Inspector, table: Table) -> list[list[str]]:
    key = found.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    constraints = found.get_unique_constraints(table.name, schema=table.schema)
    return [key, *(each["column_names"] for each in constraints)]


def _indexes(found: Inspector, table: Table) -> Iterator[Finding]:
    indexes = found.get_indexes(table.name, schema=table.schema)
    there = [[name or "" for name in index["column_names"]] for index in indexes]
    there += _unique(found, table)
    for index in table.indexes:
        columns = [column.name for column in index.columns]
        # One with more columns behind does as well.
        if not any(each[: len(columns)] == columns for each in there):
            problem = f"the table {table.name} has no index on {', '.join(columns)}"
            yield Finding(Severity.WARNING, f"{problem}: with many rows it gets slow", _DDL)
