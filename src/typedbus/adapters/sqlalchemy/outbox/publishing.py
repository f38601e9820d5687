"""Publishing: an event is written down in the transaction that is open where it is published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.exc import DBAPIError

from typedbus.adapters.sqlalchemy.ambient import Holding, places
from typedbus.adapters.sqlalchemy.outbox.databases import Database, shown
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.tables import LONGEST_KEY, Tables
from typedbus.adapters.sqlalchemy.outbox.transactions import MAKE_THEM
from typedbus.core.envelope import envelope_of
from typedbus.core.errors import (
    EncodeError,
    NoTransactionError,
    OutboxError,
    OutboxTablesError,
    TooLargeError,
)
from typedbus.core.events import name_of_class
from typedbus.core.messages import Message, pack
from typedbus.outbox.handlers import Durable
from typedbus.outbox.records import Record, record_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_BYTES: Final = 16_000_000
"""The most that an event may take: MariaDB takes no more in one packet unless told so."""


class Recorder:
    """Owes events to durable handlers, in the transactions of one database (`Ledger`)."""

    def __init__(
        self,
        name: str,
        database: Database,
        tables: Tables,
        committed: Callable[[], None],
        max_bytes: int = MOST_BYTES,
    ) -> None:
        self._name = name
        self._database = database
        self._tables = tables
        self._max_bytes = max_bytes
        self._owe_more: Final = (
            update(tables.event)
            .where(tables.event.c.event_id == bindparam("of"))
            .values(key=bindparam("its"), owed_to=bindparam("whom"))
        )
        self.committed: Final = committed

    def record(self, event: Any, durable: Durable, /) -> None:  # Any: of whatever class
        """Owe *event* to *durable*: written down before the transaction here is committed.

        Raises `NoTransactionError` where none is open; `WireNameError`, `EncodeError` or
        `TooLargeError` for an event that cannot be stored. The transaction cannot be committed
        then, whatever the policy of the bus makes of the error.
        """
        holder = self._holder(event, durable)
        try:
            while not self._owes(holder, event, durable):
                holder = self._holder(event, durable)  # that one ended meanwhile
        except Exception as error:
            holder.refuse_commit(error)
            raise

    def _owes(self, holder: Holding, event: Any, durable: Durable) -> bool:
        """Owe *event* in *holder*; return False if that has ended."""
        envelope = envelope_of(event)
        own_key = durable.key_of(event)
        _check_key(own_key, durable)
        key = (self, envelope.id)
        entry = holder.find(key)
        if entry is None:
            message = pack(envelope)
            self._check(message, durable)
            entry = Entry(self, message)
        elif not isinstance(entry, Entry):  # a key of ours is nobody else's
            raise TypeError(entry)
        entry.handlers[durable.handler_name] = own_key
        return entry.waits or holder.owe(key, entry)

    def write(self, session: Session, entries: Sequence[Entry], /) -> None:
        """Write *entries* down in the transaction of *session*."""
        connection = self._database.connection_of(session)
        try:
            self._write(connection, entries)
        except DBAPIError as error:
            orig = error.orig
            if orig is None or not dialect_of(self._tables, connection.dialect).is_missing(orig):
                raise
            raise OutboxTablesError(
                f"store {len(entries):,} events in {self._name}",
                f"its tables are missing in {self._database}, or of another version "
                f"({' '.join(str(orig).split())})",
                MAKE_THEM,
            ) from error

    def _write(self, connection: Connection, entries: Sequence[Entry]) -> None:
        fresh = [entry.record() for entry in entries if not entry.written]
        if fresh:
            dialect_of(self._tables, connection.dialect).insert(connection, fresh)
        for entry in entries:
            if entry.written:
                record = entry.record()
                connection.execute(
                    self._owe_more,
                    {"of": record.event_id, "its": record.key, "whom": record.owed_to},
                )
            entry.written = True

    def _holder(self, event: object, durable: Durable) -> Holding:
        """Return what holds until the commit of the transaction that is open here."""
        other: Session | None = None
        for place in places():
            holder, session = place.holder(), place.session
            if holder is None or session is None:
                continue
            if holder.is_for(self):
                return holder
            other = other or session
        raise self._nowhere(event, durable, other)

    def holds(self, session: Session) -> bool:
        """Say whether what *session* commits is in the database of this outbox."""
        return self._database.holds(session)

    def _check(self, message: Message, durable: Durable) -> None:
        body, headers = message
        # As UTF-8 it takes four bytes a character at most: few have to be counted.
        if 4 * (len(body) + sum(map(len, headers.values()))) < self._max_bytes / 2:
            return
        if message.size > self._max_bytes:
            raise TooLargeError(
                f"store {message.headers['ce-type']} for {durable.handler_name!r}",
                f"it takes {message.size:,} bytes, and max_bytes is {self._max_bytes:,}",
                "put the large part where the handler can fetch it, and its key into the event",
            )

    def _nowhere(self, event: object, durable: Durable, other: Session | None) -> OutboxError:
        what = f"publish {name_of_class(type(event))} for {durable.name} ({durable.delivery})"
        if other is None:
            return NoTransactionError(
                what,
                "no transaction is open here, whose commit would store it",
                "publish inside `with transaction(Sessions) as session:` or `with "
                "Sessions.begin() as session:`, or by `within(session, bus).publish(...)`",
            )
        return NoTransactionError(
            what,
            f"the transaction that is open here is of {shown(self._database.bind_of(other))}, and "
            f"{self._name} is on {self._database}",
            "publish in a transaction of the outbox's database",
        )


class Entry:
    """One event in one transaction, and the handlers that it is owed to (`Owing`)."""

    __slots__ = ("_message", "handlers", "ledger", "waits", "written")

    def __init__(self, ledger: Recorder, message: Message) -> None:
        self.ledger: Final = ledger
        self._message = message
        self.handlers: dict[str, str | None] = {}
        self.waits = False
        self.written = False

    def __str__(self) -> str:
        return f"{', '.join(self.handlers)} on {self._message.headers['ce-type']}"

    def copy(self) -> Entry:
        """Return one that may grow in a savepoint, and be dropped with that."""
        copy = Entry(self.ledger, self._message)
        copy.handlers.update(self.handlers)
        copy.written = self.written
        return copy

    def grow(self, later: Entry, /) -> None:
        """Become what *later* is, a copy of this from a savepoint that was released."""
        self.handlers.update(later.handlers)
        self.written = self.written or later.written

    def record(self) -> Record:
        """Return it as it is stored."""
        return record_of(self._message, self.handlers)


def _check_key(key: str | None, durable: Durable) -> None:
    if key is not None and len(key) > LONGEST_KEY:
        raise EncodeError(
            f"store an event for {durable.handler_name!r}",
            f"its key has {len(key):,} characters, and {LONGEST_KEY} are the most",
            "order by something shorter, such as an id or a digest",
        )
