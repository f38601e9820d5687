"""A kiosk with an outbox: what the tests of publishing, of units and of relays share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

from sqlalchemy import MetaData, NullPool, String, delete, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from tests.adapters.sqlalchemy.shop import async_engine_of, engine_of
from tests.servers.database import Database
from typedbus import Bus, Event, event
from typedbus.adapters.sqlalchemy import Outbox


@event(name="kiosk.sold")
class Sold(Event):
    number: int
    text: str = ""


@event(name="kiosk.billed")
class Billed(Event):
    number: int


class Base(DeclarativeBase):
    pass


class Sale(Base):
    __tablename__ = "kiosk_sale"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str | None] = mapped_column(String(50), default=None)

    def __init__(self, number: int) -> None:
        super().__init__(id=number)


class Stored(NamedTuple):
    """An event as the tables hold it."""

    type: str
    number: int
    key: str | None
    owed_to: str


class Kiosk:
    """A database of sales, a bus, an outbox, and a log of what happened."""

    def __init__(self, database: Database, **options: Any) -> None:
        self.database = database
        self.bus = Bus()
        self.log = list[str]()
        self.engine = engine_of(database.url)
        self.sessions = sessionmaker(self.engine)
        self.outbox = Outbox(self.sessions, MetaData(), **options)
        self._looking = engine_of(database.url, poolclass=NullPool)
        self.make_tables()

    def make_tables(self) -> None:
        """Make the tables anew."""
        self.outbox.tables.metadata.drop_all(self._looking)
        self.outbox.create_tables()
        Base.metadata.create_all(self._looking)
        with self._looking.begin() as connection:
            connection.execute(delete(Sale))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._looking.dispose()

    def owe(self, *names: str, **options: Any) -> None:
        """Subscribe a durable handler of each name, that notes what it handles."""
        for name in names:
            self.bus.subscribe(Sold, self.outbox.durable(name, **options)(self.noting(name)))

    def noting(self, name: str) -> Callable[[Sold], None]:
        """Return a handler that notes what it handles."""

        def handler(event: Sold) -> None:
            self.log.append(f"{name} {event.number}")

        return handler

    def sell(self, *numbers: int) -> None:
        """Publish each number in the transaction that is open."""
        for number in numbers:
            self.bus.publish(Sold(number=number))

    def sold(self, *numbers: int) -> None:
        """Sell in a transaction of its own."""
        with self.sessions.begin():
            self.sell(*numbers)

    def stored(self) -> list[Stored]:
        """Return the events that are committed, as another connection sees them."""
        event = self.outbox.tables.event
        with self._looking.connect() as connection:
            return [
                Stored(row.type, json.loads(row.body)["number"], row.key, row.owed_to)
                for row in connection.execute(select(event).order_by(event.c.id))
            ]

    def numbers(self) -> list[int]:
        """Return the numbers of the events that are committed."""
        return [each.number for each in self.stored()]

    def pending(self) -> int:
        """Return how many events wait that nobody has touched."""
        return self._count(self.outbox.tables.pending)

    def deliveries(self) -> list[tuple[str, str, int]]:
        """Return handler, state and attempts of each delivery that left the happy path."""
        delivery = self.outbox.tables.delivery.c
        query = select(delivery.handler, delivery.state, delivery.attempts)
        with self._looking.connect() as connection:
            return [tuple(row) for row in connection.execute(query.order_by(delivery.id))]

    def headers(self) -> list[dict[str, str]]:
        """Return the headers of the events that are committed."""
        event = self.outbox.tables.event.c
        with self._looking.connect() as connection:
            return [json.loads(text) for text in connection.scalars(select(event.headers))]

    def sales(self) -> list[int]:
        """Return the sales that are committed."""
        with self._looking.connect() as connection:
            return list(connection.scalars(select(Sale.id).order_by(Sale.id)))

    @asynccontextmanager
    async def async_sessions(self) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
        """Give a maker of async sessions, whose engine is of this event loop."""
        async with async_engine_of(self.database.async_url) as engine:
            yield async_sessionmaker(engine)

    @staticmethod
    def async_maker() -> async_sessionmaker[AsyncSession]:
        """Return a maker of async sessions that has no engine yet."""
        return async_sessionmaker()

    def async_engine(self) -> AsyncEngine:
        """Return an engine that keeps no connection, for event loops that come and go."""
        return create_async_engine(self.database.async_url, poolclass=NullPool)

    def _count(self, table: Any) -> int:
        with self._looking.connect() as connection:
            return len(connection.execute(select(table)).all())


@contextmanager
def kiosk_on(database: Database, **options: Any) -> Iterator[Kiosk]:
    """Give a kiosk, and close it in the end."""
    kiosk = Kiosk(database, **options)
    try:
        yield kiosk
    finally:
        kiosk.close()


def sale(number: int) -> Callable[[Session], None]:
    """Return what writes a sale."""

    def write(session: Session) -> None:
        session.add(Sale(number))

    return write
