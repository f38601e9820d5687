"""An outbox for the tests of operators: tables to be filled by hand, and a look at them."""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, MetaData, create_engine, event, func, insert, select, update

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.operating import TableOperators
from typedbus.adapters.sqlalchemy.outbox.operating_replay import Pace
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.records import State, owed

ME = "tester@here"


class Office:
    """An outbox, its operators, and what relays would have left in it."""

    def __init__(self, url: str, **options: Any) -> None:
        self.engine: Engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _quickly)
        self.tables = Tables(MetaData(), **options)
        self.tables.metadata.create_all(self.engine)
        self.handlers = DurableHandlers()
        with self.engine.begin() as connection:
            for table in self.tables.all():
                connection.execute(table.delete())
        self.operators = self.with_pace(Pace(None))

    def with_pace(self, pace: Pace) -> TableOperators:
        """Return operators that replay at that pace."""
        return TableOperators(self.engine, self.tables, self.handlers, "office", pace=pace)

    def now(self) -> datetime:
        """Return the time of the database."""
        with self.engine.begin() as connection:
            return in_utc(connection.execute(select(database_now())).scalar_one())

    def event(
        self,
        *handlers: str,
        key: str | None = None,
        type: str = "dops.placed",  # noqa: A002 - as the column
        age: timedelta = timedelta(),
        pending: bool = False,
        body: str = "{}",
        headers: str = "{}",
        keys: Mapping[str, str | None] | None = None,
    ) -> int:
        """Store an event that is owed to *handlers*, and return its number."""
        names = dict.fromkeys(handlers, key) if keys is None else keys
        now = self.now()
        with self.engine.begin() as connection:
            made = connection.execute(
                insert(self.tables.event).values(
                    event_id=str(uuid4()),
                    type=type,
                    version=1,
                    key=key,
                    owed_to=owed(names, key),
                    body=body,
                    headers=headers,
                    recorded_at=as_column(connection, now - age),
                )
            )
            assert made.inserted_primary_key is not None
            number = int(made.inserted_primary_key[0])
            if pending:
                connection.execute(insert(self.tables.pending).values(id=number))
        return number

    def delivery(
        self,
        number: int,
        handler: str,
        state: State,
        *,
        line: str | None = None,
        attempts: int = 3,
        crashes: int = 0,
        due_in: timedelta = timedelta(hours=1),
        age: timedelta = timedelta(),
        error: str | None = None,
        traceback: str | None = None,
    ) -> None:
        """Store that a delivery left the happy path."""
        now = self.now()
        with self.engine.begin() as connection:
            connection.execute(
                insert(self.tables.delivery).values(
                    id=number,
                    handler=handler,
                    line=line,
                    state=state.value,
                    attempts=attempts,
                    crashes=crashes,
                    due_at=as_column(connection, now + due_in),
                    error=error,
                    traceback=traceback,
                    updated_at=as_column(connection, now - age),
                )
            )

    def late(self, handler: str, state: State, *, line: str | None = None, **given: Any) -> int:
        """Store an event with one delivery, and return its number."""
        number = self.event(handler, key=line)
        self.delivery(number, handler, state, line=line, **given)
        return number

    def states(self, handler: str) -> dict[int, State]:
        """Return the states of the deliveries of *handler*, by the number of the event."""
        delivery = self.tables.delivery.c
        found = select(delivery.id, delivery.state).where(delivery.handler == handler)
        with self.engine.begin() as connection:
            return {number: State(state) for number, state in connection.execute(found)}

    def numbers(self, table: str) -> set[int]:
        """Return the numbers in a table."""
        with self.engine.begin() as connection:
            return set(connection.scalars(select(getattr(self.tables, table).c.id)))

    def id_of(self, number: int) -> UUID:
        """Return the id of an event."""
        event = self.tables.event.c
        with self.engine.begin() as connection:
            found = select(event.event_id).where(event.id == number)
            return UUID(connection.execute(found).scalar_one())

    def seen(self, consumer: str, event_id: str, age: timedelta = timedelta()) -> None:
        """Store that *consumer* has handled an event."""
        now = self.now()
        with self.engine.begin() as connection:
            seen_at = as_column(connection, now - age)
            row = insert(self.tables.inbox)
            connection.execute(row.values(consumer=consumer, event_id=event_id, seen_at=seen_at))

    def inbox(self) -> set[tuple[str, str]]:
        """Return what is in the inbox."""
        inbox = self.tables.inbox.c
        with self.engine.begin() as connection:
            rows = connection.execute(select(inbox.consumer, inbox.event_id))
            return {(row.consumer, row.event_id) for row in rows}

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with self.engine.begin() as connection:
            found = select(func.count()).select_from(getattr(self.tables, table))
            return connection.execute(found).scalar_one()

    def works(self, *, expires_in: timedelta = timedelta(minutes=1)) -> str:
        """Store a relay that has the lease, and return its id."""
        relay, now = str(uuid4()), self.now()
        with self.engine.begin() as connection:
            at, until = as_column(connection, now), as_column(connection, now + expires_in)
            connection.execute(
                insert(self.tables.relay).values(
                    id=relay, host="h", pid=7, started="then", seen_at=at, expires_at=until
                )
            )
            lease = self.tables.lease
            if not connection.execute(update(lease).values(owner=relay, epoch=3)).rowcount:
                connection.execute(
                    insert(lease).values(id=1, owner=relay, epoch=3, clean=True, taken_at=at)
                )
        return relay


def _quickly(connection: Any, record: object) -> None:  # Any: of whatever driver
    del record
    connection.execute("PRAGMA journal_mode=WAL")


@contextlib.contextmanager
def office_at(url: str, **options: Any) -> Iterator[Office]:
    """Give an office that is empty, and close it."""
    office = Office(url, **options)
    try:
        yield office
    finally:
        office.engine.dispose()
