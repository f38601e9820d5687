"""Who may work as the relay: the lease, and how the death of its holder is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple, TypeVar

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.connections import OwnConnection
from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.adapters.sqlalchemy.outbox.fencing import THE_LEASE, fence
from typedbus.adapters.sqlalchemy.outbox.transactions import Transactions
from typedbus.core.errors import LeaseLostError, TypedBusError
from typedbus.outbox.records import Lease
from typedbus.outbox.store import RelayInfo

T = TypeVar("T")

_FORGOTTEN: Final = timedelta(hours=1)
"""After how long a relay that died is not listed any more."""


class _Session(NamedTuple):
    """A connection that is open as long as a relay lives."""

    own: OwnConnection
    lock: str | None
    """What others see of it."""


class Leases:
    """The lease of one outbox, as the relays of this process take and keep it."""

    def __init__(self, transactions: Transactions, dialect: OutboxDialect) -> None:
        self._transactions: Final = transactions
        self._dialect: Final = dialect
        self._tables: Final = dialect.tables
        self._relays: Final = dict[str, RelayInfo]()
        self._sessions: Final = dict[str, _Session]()
        self._busy: Final = Lock()

    def take(self, relay: RelayInfo, ttl: timedelta) -> Lease | None:
        """Return the lease if it can be had."""
        act = "take the lease of the outbox"
        self._relays[relay.id] = relay
        self._transactions.connections.patience = ttl
        lock = self._in_session(
            act, relay, lambda session: session.lock, lambda: self._lock_of(relay.id)
        )
        try:
            return self._transactions.write(act, lambda own: self._taken(own, relay, lock, ttl))
        except LeaseLostError:
            return None

    def renew(self, lease: Lease, ttl: timedelta) -> None:
        """Say that the holder lives, on the connection that is open as long as it does."""
        act = "renew the lease of the outbox"
        relay = self._relays.get(lease.relay) or RelayInfo(lease.relay, "", 0, "")
        self._in_session(
            act,
            relay,
            lambda session: self._renew(session.own.connection, lease, session.lock, ttl),
            lambda: self._transactions.write(
                act, lambda own: self._renew(own, lease, self._lock_of(lease.relay), ttl)
            ),
        )

    def release(self, lease: Lease) -> None:
        """Give it back, unless it is somebody else's by now."""
        the_lease, relays = self._tables.lease, self._tables.relay

        def operation(connection: Connection) -> None:
            connection.execute(
                update(the_lease)
                .where(
                    the_lease.c.id == THE_LEASE,
                    the_lease.c.owner == lease.relay,
                    the_lease.c.epoch == lease.epoch,
                )
                .values(owner=None)
            )
            connection.execute(delete(relays).where(relays.c.id == lease.relay))

        self._transactions.write("give the lease of the outbox back", operation)
        self._end(lease.relay)

    def close(self) -> None:
        """End the sessions of the relays: those that hold the lease count as dead from now on."""
        for relay in list(self._sessions):
            self._end(relay)

    def _taken(
        self, connection: Connection, relay: RelayInfo, lock: str | None, ttl: timedelta
    ) -> Lease | None:
        now = in_utc(connection.execute(select(database_now())).scalar_one())
        self._note(connection, relay, lock, now, ttl)
        found = self._found(connection)
        if found is not None and found.relay == relay.id:
            return found
        if found is not None and self._lives(connection, found.relay, relay, now):
            return None
        # Again, and nobody else any more: it was free a moment ago.
        found = self._found(connection, locked=True)
        if found is not None and self._lives(connection, found.relay, relay, now):
            return None
        return self._give(connection, relay, found, now)

    def _found(self, connection: Connection, *, locked: bool = False) -> Lease | None:
        """Return the lease as its holder has it; the relay is "" while nobody does."""
        table = self._tables.lease
        query = select(table.c.owner, table.c.epoch, table.c.clean).where(table.c.id == THE_LEASE)
        if not locked:
            row = connection.execute(query).one_or_none()
        else:
            row = self._unless_taken(
                lambda: connection.execute(query.with_for_update()).one_or_none()
            )
        return None if row is None else Lease(row.owner or "", row.epoch, row.clean)

    def _give(
        self, connection: Connection, relay: RelayInfo, found: Lease | None, now: datetime
    ) -> Lease:
        table, relays = self._tables.lease, self._tables.relay
        epoch = 1 if found is None else found.epoch + 1
        lease = Lease(relay.id, epoch, found is None or not found.relay)
        values = {
            "owner": lease.relay,
            "epoch": lease.epoch,
            "clean": lease.clean,
            "taken_at": as_column(connection, now),
        }
        if found is None:
            self._unless_taken(
                lambda: connection.execute(insert(table).values(id=THE_LEASE, **values))
            )
        else:
            connection.execute(update(table).where(table.c.id == THE_LEASE).values(**values))
        forgotten = as_column(connection, now - _FORGOTTEN)
        connection.execute(delete(relays).where(relays.c.expires_at < forgotten))
        return lease

    def _unless_taken(self, attempt: Callable[[], T]) -> T:
        """Return what *attempt* returns; raise `LeaseLostError` if another relay was faster."""
        try:
            return attempt()
        except DBAPIError as error:
            taken = error.orig is not None and self._dialect.is_taken(error.orig)
            if taken or isinstance(error, IntegrityError):
                raise LeaseLostError(
                    "take the lease of the outbox", "another relay takes it", "stand by"
                ) from error
            raise

    def _lives(self, connection: Connection, holder: str, asks: RelayInfo, now: datetime) -> bool:
        """Say whether the relay that has the lease is alive, as far as anybody can tell."""
        if not holder:
            return False
        table = self._tables.relay
        query = select(table.c.host, table.c.session_lock, table.c.expires_at)
        row = connection.execute(query.where(table.c.id == holder)).one_or_none()
        if row is None or in_utc(row.expires_at) <= now:
            return False
        here = row.host == asks.host
        lock = row.session_lock
        return lock is None or not self._dialect.is_gone(connection, lock, here=here)

    def _renew(
        self, connection: Connection, lease: Lease, lock: str | None, ttl: timedelta
    ) -> None:
        now = fence(connection, self._tables, lease)
        relay = self._relays.get(lease.relay)
        if relay is not None:
            self._note(connection, relay, lock, now, ttl)
            return
        table = self._tables.relay
        connection.execute(
            update(table)
            .where(table.c.id == lease.relay)
            .values(seen_at=as_column(connection, now), expires_at=as_column(connection, now + ttl))
        )

    def _note(
        self,
        connection: Connection,
        relay: RelayInfo,
        lock: str | None,
        now: datetime,
        ttl: timedelta,
    ) -> None:
        """Write down that *relay* lives."""
        connection.execute(
            self._dialect.upsert(self._tables.relay),
            {
                **relay._asdict(),
                "session_lock": lock,
                "seen_at": as_column(connection, now),
                "expires_at": as_column(connection, now + ttl),
            },
        )

    def _lock_of(self, relay: str) -> str | None:
        session = self._sessions.get(relay)
        return None if session is None else session.lock

    def _in_session(
        self,
        act: str,
        relay: RelayInfo,
        operation: Callable[[_Session], T],
        otherwise: Callable[[], T],
    ) -> T:
        """Run *operation* in the session of *relay*; *otherwise* while another thread does."""
        # Never wait for it: it may be another coroutine of this thread that is in there.
        if not self._busy.acquire(blocking=False):
            return otherwise()
        try:
            return self._transactions.repeated(act, lambda: self._use(relay, operation))
        finally:
            self._busy.release()

    def _use(self, relay: RelayInfo, operation: Callable[[_Session], T]) -> T:
        session = self._sessions.pop(relay.id, None)
        if session is None:
            session = _Session(self._transactions.connections.open(self._dialect.writing), None)
        try:
            with session.own.connection.begin():
                self._dialect.begin(session.own.connection)
                session = self._held(session, relay)
                result = operation(session)
        except BaseException as error:
            if _is_fit(error):
                self._sessions[relay.id] = session
            else:
                session.own.discard()
            raise
        self._sessions[relay.id] = session
        return result

    def _held(self, session: _Session, relay: RelayInfo) -> _Session:
        own, lock = session
        connection = own.connection
        if lock is None or self._dialect.is_gone(connection, lock, here=True):
            lock = self._dialect.hold_session(connection, relay.pid)
        return _Session(own, lock)

    def _end(self, relay: str) -> None:
        session = self._sessions.pop(relay, None)
        if session is not None:
            session.own.close()


def _is_fit(error: BaseException) -> bool:
    """Say whether the connection on which *error* was raised may be used again."""
    if isinstance(error, DBAPIError):
        return not error.connection_invalidated
    return isinstance(error, TypedBusError)
