"""What databases do each in their own way, as a store needs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import text

from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.records import Line, Record, Stored

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Engine, Table, TextClause
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.engine import Connection, CursorResult
    from sqlalchemy.sql.dml import Insert

LONGEST_WAIT: Final = timedelta(seconds=3)
"""How long a store waits for what somebody else has locked, before it says so or tries again."""
_RUNS: Final = 100
STORED: Final = "{event_id}, e.type, e.version, e.key, e.owed_to, e.body, e.headers"


class OutboxDialect(ABC):
    """How one kind of database is spoken to; *spoken* is what SQLAlchemy knows of it."""

    reading: ClassVar[Mapping[str, Any]] = {"isolation_level": "AUTOCOMMIT"}
    """The options of connections that only read, one statement at a time."""
    writing: ClassVar[Mapping[str, Any]] = {"isolation_level": "READ COMMITTED"}
    """The options of connections that write."""
    event_id: ClassVar[str] = "e.event_id"
    """The id of an event as text."""

    def __init__(self, tables: Tables, spoken: Dialect) -> None:
        self.tables: Final = tables
        self._spoken: Final = spoken

    def named(self, table: Table) -> str:
        """Return the name of *table* as it stands in a `text`."""
        quoted: str = self._spoken.identifier_preparer.format_table(table)
        if self._spoken.paramstyle in ("format", "pyformat"):
            quoted = quoted.replace("%%", "%")  # `text` will double it again
        return quoted.replace(":", "\\:")

    def spoken(self, statement: str) -> TextClause:
        """Return *statement*, in which a name such as {event} stands for that table."""
        names = {table.name[len(self.tables.prefix) :]: table for table in self.tables.all()}
        key = self._spoken.identifier_preparer.quote("key")
        stored = STORED.format(event_id=self.event_id).replace("e.key", f"e.{key}")
        quoted = {name: self.named(table) for name, table in names.items()}
        return text(statement.format(stored=stored, key=key, **quoted))

    def once(self, connection: Connection, statement: str) -> CursorResult[Any]:
        """Run *statement*, which has numbers in it: it is another one each time."""
        return connection.execute(
            self.spoken(statement), execution_options={"compiled_cache": None}
        )

    def prepare(self, connection: Connection, patience: timedelta) -> None:  # noqa: B027 - none to do
        """Make a connection of the store's own fit: nobody waits for it longer than *patience*."""

    def check_shared(self, engine: Engine) -> None:  # noqa: B027 - most databases are not in memory
        """Raise `StoreAwayError` if the one connection of *engine* is in use."""

    def begin(self, connection: Connection) -> None:  # noqa: B027 - it begins by itself
        """Begin a transaction that is going to write."""

    @abstractmethod
    def insert(self, connection: Connection, records: Sequence[Record]) -> None:
        """Write events in their order, and that they are pending."""

    @abstractmethod
    def fresh(self, connection: Connection, limit: int, known: Collection[int]) -> list[Stored]:
        """Return the pending events with the lowest numbers, those in *known* left out."""

    @abstractmethod
    def events(self, connection: Connection, ids: Collection[int]) -> list[Stored]:
        """Return the events of these numbers."""

    @abstractmethod
    def take_pending(self, connection: Connection, ids: Collection[int]) -> None:
        """Owe events as fresh no more."""

    @abstractmethod
    def upsert(self, table: Table, keep: Iterable[str] = ()) -> Insert:
        """Return an insert that replaces a row of the same key, but for the columns in *keep*."""

    @abstractmethod
    def firsts(self, connection: Connection, lines: Sequence[Line]) -> Iterable[Any]:  # Any: a Row
        """Return handler, line, number and state of the first delivery of each line.

        They are locked until the end of the transaction, and are as others left them.
        """

    @abstractmethod
    def hold_session(self, connection: Connection, pid: int) -> str | None:
        """Return what others can see as long as this session, or the process *pid*, lives."""

    @abstractmethod
    def is_gone(self, connection: Connection, session_lock: str, *, here: bool) -> bool:
        """Say whether what `hold_session` returned is there no more.

        *here* says whether it was returned on this very host.
        """

    @abstractmethod
    def is_transient(self, error: BaseException) -> bool:
        """Say whether what the driver raised may go better at once: a deadlock."""

    @abstractmethod
    def is_taken(self, error: BaseException) -> bool:
        """Say whether what the driver raised means that somebody else has locked a row."""

    @abstractmethod
    def is_missing(self, error: BaseException) -> bool:
        """Say whether what the driver raised means that a table or column is missing."""


def rows_of(result: CursorResult[Any]) -> Iterable[Any]:  # Any: tuples of the driver
    """Return what *result* holds as the driver gives it, which is quick."""
    return result.cursor.fetchall()


def stored_of(result: CursorResult[Any]) -> list[Stored]:  # Any: as above
    """Return the events that *result* holds."""
    return list(map(Stored._make, rows_of(result)))


def replacing(
    statement: postgresql.Insert | sqlite.Insert, table: Table, keep: Iterable[str]
) -> Insert:
    """Return *statement*, an insert into *table*, as `OutboxDialect.upsert` promises it."""
    keys = list(table.primary_key)
    kept = {*keep, *(column.name for column in keys)}
    new = {column.name: column for column in statement.excluded if column.name not in kept}
    return statement.on_conflict_do_update(index_elements=keys, set_=new)


def runs_of(ids: Collection[int]) -> Sequence[tuple[int, int]]:
    """Return *ids* as runs, the first and the last number of each."""
    ordered = sorted(ids)
    starts = [n for n in range(len(ordered)) if not n or ordered[n] > ordered[n - 1] + 1]
    ends = [*(start - 1 for start in starts[1:]), len(ordered) - 1]
    return [(ordered[start], ordered[end]) for start, end in zip(starts, ends, strict=True)]


def outside(column: str, ids: Collection[int]) -> str:
    """Return the condition that *column* is none of *ids*, which stand in it."""
    runs = runs_of(ids)
    if len(runs) > _RUNS:
        return f"{column} NOT IN ({literal(ids)})"
    # What a relay has in its hands are mostly neighbours, and a run is skipped at once.
    return " AND ".join(f"NOT {column} BETWEEN {first} AND {last}" for first, last in runs)


def literal(ids: Collection[int]) -> str:
    """Return *ids* with commas between them."""
    return ",".join(map(str, ids))
