"""A shop with a database: what the tests of the SQLAlchemy adapter share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, String, create_engine, delete, event, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from tests.servers.database import Database
from typedbus import Bus, Event
from typedbus.adapters.sqlalchemy import after_commit, after_rollback, introduce


class OrderPlaced(Event):
    order_id: int


class InvoiceSent(Event):
    order_id: int


class DeclinedError(Exception):
    pass


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str | None] = mapped_column(String(20), default=None)


class Shop:
    """A database of orders, a bus, and a log of what happened.

    `work` runs a function with a session: a `Session`, or that of an `AsyncSession` in a task.
    """

    def __init__(self, database: Database, *, in_tasks: bool) -> None:
        self.database = database
        self.in_tasks = in_tasks
        self.log = list[str]()
        self.bus = Bus()
        self._looking = engine_of(database.url, poolclass=NullPool)
        Base.metadata.create_all(self._looking)
        with self._looking.begin() as connection:
            connection.execute(delete(Order))
        self.engine = engine_of(database.url)
        self.sessions = introduce(sessionmaker(self.engine))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._looking.dispose()

    def orders(self) -> list[int]:
        """Return the orders that are committed, as another connection sees them."""
        with self._looking.connect() as connection:
            return list(connection.scalars(select(Order.id).order_by(Order.id)))

    def work(self, body: Callable[[Session], object]) -> None:
        """Run *body* with a new session, and close that."""
        if self.in_tasks:
            asyncio.run(self._work_in_task(body))
            return
        with self.sessions() as session:
            body(session)

    async def _work_in_task(self, body: Callable[[Session], object]) -> None:
        async with self.async_sessions() as sessions, sessions() as session:
            await session.run_sync(body)

    @asynccontextmanager
    async def async_sessions(
        self, **options: Any
    ) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
        """Give an introduced maker of async sessions, whose engine is of this event loop."""
        async with async_engine_of(self.database.async_url, **options) as engine:
            yield introduce(async_sessionmaker(engine))

    def place(self, session: Session, order_id: int) -> None:
        """Write an order, and publish that it was placed."""
        session.add(Order(id=order_id))
        session.flush()
        self.bus.publish(OrderPlaced(order_id=order_id))

    def note_commits(self) -> None:
        """Let a handler note the events of committed transactions; it can await where that may."""
        if self.in_tasks:

            @self.bus.on(OrderPlaced, via=after_commit)
            async def handle_async(event: OrderPlaced) -> None:
                await asyncio.sleep(0)
                self.log.append(f"committed {event.order_id}")
        else:

            @self.bus.on(OrderPlaced, via=after_commit)
            def handle(event: OrderPlaced) -> None:
                self.log.append(f"committed {event.order_id}")

    def note_rollbacks(self) -> None:
        """Let a handler note the events of transactions that were rolled back."""

        @self.bus.on(OrderPlaced, via=after_rollback)
        def handle(event: OrderPlaced) -> None:
            self.log.append(f"rolled back {event.order_id}")


def engine_of(url: str, **options: Any) -> Engine:
    """Return an engine whose savepoints are real on SQLite too."""
    engine = create_engine(url, **options)
    _with_real_savepoints(engine)
    return engine


@asynccontextmanager
async def async_engine_of(url: str, **options: Any) -> AsyncIterator[AsyncEngine]:
    """Give an engine whose savepoints are real on SQLite too, and dispose of it."""
    engine = create_async_engine(url, **options)
    _with_real_savepoints(engine.sync_engine)
    try:
        yield engine
    finally:
        await engine.dispose()


def _with_real_savepoints(engine: Engine) -> None:
    # The recipe of SQLAlchemy's documentation: Python's sqlite3 begins transactions by itself,
    # and not for a savepoint.
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def leave_it_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def declining() -> suppress:
    """Expect that a block is left by `DeclinedError`."""
    return suppress(DeclinedError)
