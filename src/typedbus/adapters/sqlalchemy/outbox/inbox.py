"""The inbox: messages that come from elsewhere, each handled in one transaction and never again."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, Insert, insert
from sqlalchemy.dialects import postgresql, sqlite

from typedbus.adapters.sqlalchemy.outbox.clock import database_now
from typedbus.adapters.sqlalchemy.outbox.databases import Database, shown
from typedbus.adapters.sqlalchemy.outbox.tables import LONGEST_NAME, Tables
from typedbus.core.errors import OutboxError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.orm import Session

_IDS: Final = UUID("0192f0c4-7d6c-7b5e-9d0e-2f6b8f3c1a57")
"""The namespace of ids that are no UUIDs: any UUID, the same for ever."""


class Inbox:
    """What one consumer has seen; it is noted in the transaction of the caller."""

    def __init__(self, consumer: str, database: Database, tables: Tables) -> None:
        if not consumer or len(consumer) > LONGEST_NAME:
            raise ValueError(f"{consumer!r}: a consumer has a name, of {LONGEST_NAME} characters.")
        self.consumer: Final = consumer
        self._database = database
        self._tables = tables

    def first_time(self, session: Session, event_id: str | UUID, /) -> bool:
        """Note *event_id* as seen in the transaction of *session*; return False if it was before.

        If the transaction is rolled back, it was not seen. Where two transactions see the same
        one, the second waits for the first to end.
        """
        if not self._database.holds(session):
            theirs = shown(self._database.bind_of(session))
            raise OutboxError(
                f"note {event_id} as seen by {self.consumer!r}",
                f"the session is of {theirs}, and the inbox in {self._database}",
                "use a session of the outbox's database",
            )
        connection = self._database.connection_of(session)
        return first_time(connection, self._tables, self.consumer, _uuid_of(event_id))

    async def first_time_async(self, session: AsyncSession, event_id: str | UUID, /) -> bool:
        """Do as `first_time`."""
        return await session.run_sync(self.first_time, event_id)


def first_time(connection: Connection, tables: Tables, consumer: str, event_id: str) -> bool:
    """Note that *consumer* has seen the event; return False if it had before."""
    statement = _insert_on(tables, connection.dialect.name)
    row = {"consumer": consumer, "event_id": event_id}
    # Of an INSERT, SQLAlchemy forgets how many rows it made unless it is told to keep that.
    result = connection.execute(statement, row, execution_options={"preserve_rowcount": True})
    return result.rowcount > 0


@lru_cache(maxsize=64)
def _insert_on(tables: Tables, dialect: str) -> Insert:
    """Return what inserts a row, or nothing where it is already."""
    row: dict[str, Any] = {"seen_at": database_now()}  # Any: what a column takes
    match dialect:
        case "postgresql":
            return postgresql.insert(tables.inbox).values(row).on_conflict_do_nothing()
        case "sqlite":
            return sqlite.insert(tables.inbox).values(row).on_conflict_do_nothing()
        case _:
            return insert(tables.inbox).values(row).prefix_with("IGNORE")


def _uuid_of(event_id: str | UUID) -> str:
    if isinstance(event_id, UUID):
        return str(event_id)
    try:
        return str(UUID(event_id))
    except ValueError:
        return str(uuid5(_IDS, event_id))
