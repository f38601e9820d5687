"""The rule of lines: their first delivery is never held, and no other one is waiting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, select, update

from typedbus.adapters.sqlalchemy.outbox.clock import database_now
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.records import Line, State

if TYPE_CHECKING:
    from sqlalchemy import Column

T = TypeVar("T")

_AT_ONCE: Final = 1000
"""How many lines or rows one statement is about."""


def advance(connection: Connection, tables: Tables, lines: Collection[Line]) -> set[Line]:
    """Let the first delivery of each of *lines* be due if it is held; return the lines with none.

    Whoever adds or removes deliveries of a line calls it afterwards, in the same transaction: it
    waits for others that have changed the first one, and goes by what they leave. One that waits
    behind the first is held.
    """
    dialect = dialect_of(tables, connection.dialect)
    free = set(lines)
    for chunk in chunks(sorted(free), _AT_ONCE):
        firsts = {
            (handler, line): (number, state)
            for handler, line, number, state in dialect.firsts(connection, chunk)
        }
        free -= firsts.keys()
        held = [
            (handler, number)
            for (handler, _), (number, state) in firsts.items()
            if state == State.HELD.value
        ]
        _move(connection, tables, held, State.WAITING)
        _move(connection, tables, _impatient(connection, tables, firsts), State.HELD)
    return free


def _impatient(
    connection: Connection, tables: Tables, firsts: Mapping[Line, tuple[int, str]]
) -> Sequence[tuple[str, int]]:
    """Return what is waiting, and not the first of its line."""
    by_handler = defaultdict[str, list[str]](list)
    for handler, line in firsts:
        by_handler[handler].append(line)
    delivery = tables.delivery
    return [
        (handler, number)
        for handler, lines in by_handler.items()
        for line, number in connection.execute(
            select(delivery.c.line, delivery.c.id).where(
                delivery.c.handler == handler,
                delivery.c.line.in_(lines),
                unindexed(delivery.c.state) == State.WAITING.value,
            )
        )
        if number != firsts[handler, line][0]
    ]


def _move(
    connection: Connection, tables: Tables, keys: Iterable[tuple[str, int]], to: State
) -> None:
    delivery = tables.delivery
    for which in those(delivery.c.handler, delivery.c.id, keys):
        connection.execute(
            update(delivery)
            .where(which)
            .values(state=to.value, due_at=database_now(), updated_at=database_now())
        )


def those(
    handler: Column[Any], number: Column[Any], keys: Iterable[tuple[str, int]]
) -> Iterable[ColumnElement[bool]]:
    """Return conditions that together are true of the rows of *keys*, a handler and a number."""
    by_handler = defaultdict[str, list[int]](list)
    for name, each in keys:
        by_handler[name].append(each)
    for name, numbers in by_handler.items():
        for chunk in chunks(numbers, _AT_ONCE):
            yield (handler == name) & among(number, chunk)


def unindexed(column: Column[Any]) -> ColumnElement[Any]:  # Any: of texts
    """Return *column* so that no index of it is used: SQLite would take it before that of lines."""
    return func.coalesce(column, "")


def among(column: Column[Any], numbers: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that *column* is one of *numbers*, which stand in the statement."""
    these = bindparam(None, list(numbers), type_=BigInteger(), expanding=True, literal_execute=True)
    return column.in_(these)


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """Return *items* in parts of that size."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
