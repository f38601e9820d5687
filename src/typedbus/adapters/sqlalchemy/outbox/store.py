"""The store of an outbox on SQLAlchemy: SQLite, PostgreSQL or MariaDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from typedbus.adapters.sqlalchemy.outbox.clock import as_column
from typedbus.adapters.sqlalchemy.outbox.connections import Connections
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.fencing import fence
from typedbus.adapters.sqlalchemy.outbox.leases import Leases
from typedbus.adapters.sqlalchemy.outbox.reading import Reading
from typedbus.adapters.sqlalchemy.outbox.settling import Settling
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.transactions import Transactions
from typedbus.outbox.records import Batch, Lease, Line, Occupied, Record, Settlement
from typedbus.outbox.store import RelayInfo


class SqlStore:
    """Keeps what is owed in *tables* (`Store`), on connections of its own of *engine*.

    *engine* may be the sync one inside of an AsyncEngine: then each call, `close` too, is made
    inside of a greenlet of SQLAlchemy's, on one event loop. It may have any pool and any isolation
    level; `close` lets go of its connections.
    """

    def __init__(self, engine: Engine, tables: Tables) -> None:
        dialect = dialect_of(tables, engine.dialect)
        self._tables: Final = tables
        self._dialect: Final = dialect
        self._connections: Final = Connections(engine, dialect)
        self._transactions: Final = Transactions(self._connections, dialect)
        self._leases: Final = Leases(self._transactions, dialect)
        self._reading: Final = Reading(dialect)
        self._settling: Final = Settling(dialect)

    def insert_records(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write events in the transaction of *connection*, numbered in their order, and pending."""
        if records:
            dialect_of(self._tables, connection.dialect).insert(connection, records)

    def take_lease(self, relay: RelayInfo, ttl: timedelta) -> Lease | None:
        """Return the lease if it can be had, see `Store`."""
        return self._leases.take(relay, ttl)

    def renew_lease(self, lease: Lease, ttl: timedelta) -> None:
        """Say that the holder lives, see `Store`."""
        self._leases.renew(lease, ttl)

    def release_lease(self, lease: Lease) -> None:
        """Give the lease back, see `Store`."""
        self._leases.release(lease)

    def read(
        self,
        lease: Lease,
        *,
        fresh: int,
        late: int,
        known: Collection[int],
        known_late: Collection[tuple[str, int]],
        paused: Collection[str] = (),
    ) -> Batch:
        """Return what there is to do, see `Store`."""
        del lease  # who reads under a lease that is gone does no harm

        def operation(connection: Connection) -> Batch:
            return Batch(
                self._reading.fresh(connection, fresh, known),
                self._reading.late(connection, late, known_late, paused),
            )

        return self._transactions.read("read the outbox", operation)

    def read_unknown(
        self,
        lease: Lease,
        *,
        handlers: Collection[str],
        limit: int,
        after: tuple[int, str] | None = None,
    ) -> Batch:
        """Return deliveries that nobody knew the handler or the class of, see `Store`."""
        del lease

        def operation(connection: Connection) -> Batch:
            return Batch((), self._reading.unknown(connection, handlers, limit, after))

        return self._transactions.read("read the outbox", operation)

    def occupied(self, lease: Lease) -> Occupied:
        """Return the lines that have deliveries in them, see `Store`."""
        del lease
        return self._transactions.read("read the outbox", self._reading.occupied)

    def paused(self, lease: Lease) -> Collection[str]:
        """Return the names of the handlers that are paused, see `Store`."""
        del lease
        return self._transactions.read("read the outbox", self._reading.paused)

    def settle(self, lease: Lease, settlement: Settlement) -> Collection[Line]:
        """Write *settlement* down, see `Store`."""

        def operation(connection: Connection) -> Collection[Line]:
            return self._settling.settle(connection, lease, settlement)

        return self._transactions.write("settle in the outbox", operation)

    def know_handlers(self, lease: Lease, handlers: Collection[str]) -> None:
        """Note which handlers a relay's code has, see `Store`."""
        statement = self._dialect.upsert(self._tables.handler, ["paused"])

        def operation(connection: Connection) -> None:
            now = as_column(connection, fence(connection, self._tables, lease))
            rows = [
                {"name": name, "paused": False, "epoch": lease.epoch, "seen_at": now}
                for name in sorted(handlers)
            ]
            if rows:
                connection.execute(statement, rows)

        self._transactions.write("note the handlers of the outbox", operation)

    def close(self) -> None:
        """Let go of every connection; a lease that was not given back can be taken at once."""
        self._leases.close()
        self._connections.close()
