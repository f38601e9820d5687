"""What a handler's transaction writes down at its end: that the handler is done with the event."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, bindparam, delete

from typedbus.adapters.sqlalchemy.outbox.fencing import fence
from typedbus.adapters.sqlalchemy.outbox.idling import hardly_any_idling
from typedbus.adapters.sqlalchemy.outbox.inbox import first_time
from typedbus.adapters.sqlalchemy.outbox.lines import advance
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.attempts import Attempt


def conclude(connection: Connection, tables: Tables, attempt: Attempt) -> bool:
    """Write down that the handler is done with its event; return False if it was done before.

    Raises `LeaseLostError` if the relay that calls it is not the one that works any more.
    """
    if attempt.lease is not None:
        # Only the commit is left: who holds the row of the lease is not to hold it for long.
        fence(connection, tables, attempt.lease, *hardly_any_idling(connection))
    statements = _statements_on(tables)
    number = {"event": attempt.stored.id}
    if attempt.alone and not attempt.late and connection.execute(statements.fresh, number).rowcount:
        return True
    # Also where it was fresh: what takes long is put among the deliveries while it runs.
    key = {**number, "name": attempt.handler}
    removed = bool(connection.execute(statements.late, key).rowcount)
    if removed and attempt.line is not None:
        advance(connection, tables, [(attempt.handler, attempt.line)])
    if not removed and (attempt.late or attempt.alone):
        return False
    return attempt.alone or first_time(connection, tables, attempt.handler, attempt.stored.event_id)


class _Statements:
    """The statements, made once."""

    def __init__(self, tables: Tables) -> None:
        pending, delivery = tables.pending.c, tables.delivery.c
        self.fresh: Final = delete(tables.pending).where(pending.id == bindparam("event"))
        self.late: Final = delete(tables.delivery).where(
            delivery.id == bindparam("event"), delivery.handler == bindparam("name")
        )


@lru_cache(maxsize=64)
def _statements_on(tables: Tables) -> _Statements:
    return _Statements(tables)
