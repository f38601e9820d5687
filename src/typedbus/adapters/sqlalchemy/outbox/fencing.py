"""The fence: who writes holds the lease, and keeps it until the transaction is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select

from typedbus.adapters.sqlalchemy.outbox.clock import database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Lease

THE_LEASE: Final = 1
"""The number of its one row."""


def fence(
    connection: Connection, tables: Tables, lease: Lease, *also: ColumnElement[Any]
) -> datetime:
    """Return the time of the database; raise `LeaseLostError` if *lease* is not the one any more.

    Nobody else gets the lease before the transaction of *connection* is over. *also* is evaluated
    by the same statement.
    """
    row = connection.execute(
        select(tables.lease.c.owner, tables.lease.c.epoch, database_now(), *also)
        .where(tables.lease.c.id == THE_LEASE)
        .with_for_update(read=True)
    ).one_or_none()
    owner, epoch, now, *_ = (None, 0, None) if row is None else row
    if owner != lease.relay or epoch != lease.epoch or now is None:
        raise LeaseLostError(
            f"write for the relay {lease.relay} under epoch {lease.epoch}",
            f"the epoch is {epoch}, and the lease is held by {owner or 'nobody'}",
            "let the relay that holds it do the work",
        )
    return in_utc(now)
