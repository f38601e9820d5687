"""The tables of an outbox, in the user's MetaData: alembic and `create_all` see them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from typedbus.adapters.sqlalchemy.outbox.storage import storage_options, store_well

LONGEST_KEY: Final = 500
"""How many characters a key may have: MariaDB indexes no more."""
LONGEST_NAME: Final = 255
"""How many characters the name of a handler may have."""
LONGEST_TYPE: Final = 255
"""How many characters the wire name of an event class may have."""

_MYSQL: Final = "mysql", "mariadb"
_BINARY: Final = {"charset": "utf8mb4", "collation": "utf8mb4_nopad_bin"}


def _name(length: int) -> TypeEngine[str]:
    # The usual collations take "a" and "A" for one key, and most of them "a" and "a " too.
    return String(length).with_variant(mysql.VARCHAR(length, **_BINARY), *_MYSQL)


def _id() -> TypeEngine[str]:
    ascii_only = mysql.CHAR(36, charset="ascii", collation="ascii_bin")
    own = postgresql.UUID(as_uuid=False)
    return String(36).with_variant(own, "postgresql").with_variant(ascii_only, *_MYSQL)


def _text() -> TypeEngine[str]:
    return Text().with_variant(mysql.LONGTEXT(**_BINARY), *_MYSQL)


def _number() -> TypeEngine[int]:
    # SQLite numbers its rows by itself only where the type is INTEGER.
    return BigInteger().with_variant(Integer(), "sqlite")


def _time() -> TypeEngine[Any]:  # Any: a datetime
    return DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), *_MYSQL)


class Tables:
    """The tables of one outbox, declared on *metadata*; declaring them again gives the same ones.

    Times are written by the clock of the database. PostgreSQL keeps them with their zone; SQLite
    and MariaDB give them back without one, and they are UTC.
    """

    def __init__(
        self, metadata: MetaData, prefix: str = "typedbus_", schema: str | None = None
    ) -> None:
        self.metadata: Final = metadata
        self.prefix: Final = prefix
        self.schema: Final = schema if schema is not None else metadata.schema
        self.event: Final = self._event()
        """The log: every event, for ever unless it is pruned."""
        self.pending: Final = self._pending()
        """The numbers of the events of which nothing was done yet."""
        self.delivery: Final = self._delivery()
        """What left the happy path: to be tried again, held, sent elsewhere, dead."""
        self.lease: Final = self._lease()
        """One row: which relay works, and which holder of the lease it is."""
        self.relay: Final = self._relay()
        """A row for each relay that lives."""
        self.handler: Final = self._handler()
        """The handlers that a relay's code had, and which are paused; "*" stands for all."""
        self.inbox: Final = self._inbox()
        """What was handled, where the other tables do not say so."""
        self.operation: Final = self._operation()
        """What operators did by hand."""

    def all(self) -> list[Table]:
        """Return the tables."""
        return [
            self.event,
            self.pending,
            self.delivery,
            self.lease,
            self.relay,
            self.handler,
            self.inbox,
            self.operation,
        ]

    def hot(self) -> list[Table]:
        """Return those whose rows come and go all the time."""
        return [self.pending, self.delivery]

    def _event(self) -> Table:
        name = self.prefix + "event"
        return self._table(
            name,
            Column("id", _number(), autoincrement=True, nullable=False),
            Column("event_id", _id(), nullable=False),
            Column("type", _name(LONGEST_TYPE), nullable=False),
            Column("version", Integer(), nullable=False),
            Column("key", _name(LONGEST_KEY)),
            Column("owed_to", _text(), nullable=False),
            Column("body", _text(), nullable=False),
            Column("headers", _text(), nullable=False),
            Column("recorded_at", _time(), nullable=False),
            PrimaryKeyConstraint("id", name=f"{name}_pkey"),
            UniqueConstraint("event_id", name=f"{name}_event_id"),
            Index(f"{name}_recorded_at", "recorded_at"),
            sqlite_autoincrement=True,
        )

    def _pending(self) -> Table:
        name = self.prefix + "pending"
        return self._table(
            name,
            Column("id", _number(), autoincrement=False, nullable=False),
            PrimaryKeyConstraint("id", name=f"{name}_pkey"),
            hot=True,
        )

    def _delivery(self) -> Table:
        name = self.prefix + "delivery"
        return self._table(
            name,
            Column("id", _number(), autoincrement=False, nullable=False),
            Column("handler", _name(LONGEST_NAME), nullable=False),
            Column("line", _name(LONGEST_KEY)),
            Column("state", _name(10), nullable=False),
            Column("attempts", Integer(), nullable=False),
            Column("crashes", Integer(), nullable=False),
            Column("due_at", _time(), nullable=False),
            Column("error", _text()),
            Column("traceback", _text()),
            Column("updated_at", _time(), nullable=False),
            Column("replayed_at", _time()),
            # The number first: it answers whether anything is still owed of an event.
            PrimaryKeyConstraint("id", "handler", name=f"{name}_pkey"),
            Index(f"{name}_due", "state", "due_at", "id"),
            Index(f"{name}_line", "handler", "line", "id"),
            hot=True,
        )

    def _lease(self) -> Table:
        name = self.prefix + "lease"
        return self._table(
            name,
            Column("id", SmallInteger(), autoincrement=False, nullable=False),
            Column("owner", _id()),
            Column("epoch", BigInteger(), nullable=False),
            Column("clean", Boolean(), nullable=False),
            Column("taken_at", _time(), nullable=False),
            PrimaryKeyConstraint("id", name=f"{name}_pkey"),
        )

    def _relay(self) -> Table:
        name = self.prefix + "relay"
        return self._table(
            name,
            Column("id", _id(), nullable=False),
            Column("host", _name(255), nullable=False),
            Column("pid", BigInteger(), nullable=False),
            Column("started", _name(255), nullable=False),
            # What is there as long as it lives; null if its silence is all that tells.
            Column("session_lock", _name(100)),
            Column("seen_at", _time(), nullable=False),
            Column("expires_at", _time(), nullable=False),
            PrimaryKeyConstraint("id", name=f"{name}_pkey"),
        )

    def _handler(self) -> Table:
        name = self.prefix + "handler"
        return self._table(
            name,
            Column("name", _name(LONGEST_NAME), nullable=False),
            Column("paused", Boolean(), nullable=False),
            # Under which lease a relay's code last had it; null if none had.
            Column("epoch", BigInteger()),
            Column("seen_at", _time()),
            PrimaryKeyConstraint("name", name=f"{name}_pkey"),
        )

    def _inbox(self) -> Table:
        name = self.prefix + "inbox"
        return self._table(
            name,
            Column("consumer", _name(LONGEST_NAME), nullable=False),
            Column("event_id", _id(), nullable=False),
            Column("seen_at", _time(), nullable=False),
            PrimaryKeyConstraint("consumer", "event_id", name=f"{name}_pkey"),
            Index(f"{name}_seen_at", "seen_at"),
            sqlite_with_rowid=False,
        )

    def _operation(self) -> Table:
        name = self.prefix + "operation"
        return self._table(
            name,
            Column("id", _number(), autoincrement=True, nullable=False),
            Column("at", _time(), nullable=False),
            Column("who", _name(255), nullable=False),
            Column("act", _name(32), nullable=False),
            Column("what", _text(), nullable=False),
            Column("number", BigInteger(), nullable=False),
            Column("reason", _text()),
            PrimaryKeyConstraint("id", name=f"{name}_pkey"),
            sqlite_autoincrement=True,
        )

    def _table(
        self,
        name: str,
        *items: SchemaItem,
        hot: bool = False,
        **options: Any,  # of dialects
    ) -> Table:
        key = name if self.schema is None else f"{self.schema}.{name}"
        known: Table | None = self.metadata.tables.get(key)
        if known is not None:
            return known
        if hot:
            options |= storage_options()
        table = Table(
            name,
            self.metadata,
            *items,
            schema=self.schema,
            mysql_engine="InnoDB",
            mariadb_engine="InnoDB",
            **options,
        )
        if hot:
            store_well(table)
        return table
