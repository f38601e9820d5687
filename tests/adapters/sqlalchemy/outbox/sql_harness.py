"""Drives a store on a database through the suite of stores."""

import asyncio
import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    create_engine,
    event,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.lines import advance
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.records import Record, State
from typedbus.outbox.store import RelayInfo, Store
from typedbus.testing.conformance import Kept

T = TypeVar("T")
CALLS = frozenset(
    {
        "take_lease",
        "renew_lease",
        "release_lease",
        "read",
        "read_unknown",
        "occupied",
        "paused",
        "settle",
        "know_handlers",
        "close",
    }
)


def engine_on(url: str) -> Engine:
    """Return an engine that is quick enough for tests."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _write_ahead)
    return engine


def _write_ahead(connection: Any, record: object) -> None:  # Any: of whatever driver
    del record
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


class Loop:
    """An event loop in a thread of its own, as the one of a relay."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def call(self, operation: Callable[..., T], *args: Any, **named: Any) -> T:  # Any: passed on
        """Run *operation* in a greenlet of SQLAlchemy's."""
        spawned = greenlet_spawn(operation, *args, **named)
        return asyncio.run_coroutine_threadsafe(spawned, self._loop).result()

    def dispose(self, engine: AsyncEngine) -> None:
        """Close the pool of *engine*."""
        asyncio.run_coroutine_threadsafe(engine.dispose(), self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class InLoop:
    """A store whose calls run in an event loop, on the sync engine of an AsyncEngine."""

    def __init__(self, loop: Loop, store: SqlStore) -> None:
        self._loop = loop
        self._store = store

    def __getattr__(self, name: str) -> Any:  # Any: a method of the store
        method = getattr(self._store, name)
        return (
            (lambda *args, **named: self._loop.call(method, *args, **named))
            if name in CALLS
            else method
        )


class SqlWriter:
    """A transaction that writes events."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._dialect = dialect_of(tables, connection.dialect)
        self._dialect.begin(connection)

    def add(self, record: Record, /) -> int:
        """Write *record*, and return the number that it has drawn."""
        self._dialect.insert(self._connection, [record])
        event = self._dialect.tables.event.c
        query = select(event.id).where(event.event_id == record.event_id)
        number: int = self._connection.scalars(query).one()
        return number

    def add_all(self, records: Sequence[Record]) -> None:
        """Write *records* at once."""
        self._dialect.insert(self._connection, records)

    def commit(self) -> None:
        """Commit."""
        self._connection.commit()
        self._connection.close()

    def roll_back(self) -> None:
        """Roll back."""
        self._connection.rollback()
        self._connection.close()


class SqlHarness:
    """A `Harness` of stores at *url*; those of *async_url*, if given, are what is tested."""

    def __init__(self, url: str, async_url: str | None = None, **options: Any) -> None:
        self.tick = timedelta(seconds=1)
        self.engine = engine_on(url)
        self.writers = 1 if self.engine.dialect.name == "sqlite" else 4
        self.tables = Tables(MetaData(), **options)
        self._url = url
        self._async_url = async_url
        self._closing = contextlib.ExitStack()
        self._closing.callback(self.engine.dispose)
        self.engines = list[Engine]()
        """Those of the stores."""
        self._processes = dict[str, subprocess.Popen[bytes]]()
        self.tables.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            for table in self.tables.all():
                connection.execute(table.delete())
        self.store = self.another()

    def close(self) -> None:
        """Close every store, and end every process."""
        self._closing.close()

    def another(self) -> Store:
        """Return a store with an engine of its own."""
        if self._async_url is None:
            engine = engine_on(self._url)
            self.engines.append(engine)
            store = SqlStore(engine, self.tables)
            self._closing.callback(engine.dispose)
            self._closing.callback(store.close)
            return store
        loop = Loop()
        asynchronous = create_async_engine(self._async_url)
        if asynchronous.dialect.name == "sqlite":
            event.listen(asynchronous.sync_engine, "connect", _write_ahead)
        self.engines.append(asynchronous.sync_engine)
        own: Any = InLoop(loop, SqlStore(asynchronous.sync_engine, self.tables))
        self._closing.callback(loop.close)
        self._closing.callback(loop.dispose, asynchronous)
        self._closing.callback(own.close)
        return own  # type: ignore[no-any-return]  # it has what a store has

    def another_engine(self) -> Engine:
        """Return one more engine on the same database."""
        engine = engine_on(self._url)
        self._closing.callback(engine.dispose)
        return engine

    def times(self, column: Column[Any]) -> list[datetime]:
        """Return the times in *column*."""
        with self.engine.begin() as connection:
            return [in_utc(value) for value in connection.scalars(select(column))]

    def begin(self) -> SqlWriter:
        """Begin a transaction."""
        return SqlWriter(self.engine.connect(), self.tables)

    def pending(self) -> Collection[int]:
        """Return what is pending."""
        with self.engine.begin() as connection:
            return list(connection.scalars(select(self.tables.pending.c.id)))

    def deliveries(self) -> Sequence[Kept]:
        """Return every delivery."""
        table = self.tables.delivery
        with self.engine.begin() as connection:
            return [
                Kept(
                    row.handler,
                    row.id,
                    row.line,
                    State(row.state),
                    row.attempts,
                    row.crashes,
                    row.error,
                    row.traceback,
                )
                for row in connection.execute(select(table))
            ]

    def known_handlers(self) -> Collection[str]:
        """Return the names that are known."""
        with self.engine.begin() as connection:
            return list(connection.scalars(select(self.tables.handler.c.name)))

    def pause(self, handler: str) -> None:
        """Pause a handler."""
        self._set_paused(handler, paused=True)

    def resume(self, handler: str) -> None:
        """Resume a handler."""
        self._set_paused(handler, paused=False)

    def _set_paused(self, handler: str, *, paused: bool) -> None:
        upsert = dialect_of(self.tables, self.engine.dialect).upsert(self.tables.handler)
        with self.engine.begin() as connection:
            connection.execute(upsert, {"name": handler, "paused": paused})

    def discard(self, handler: str, number: int) -> None:
        """Remove a delivery, and let its line go on."""
        table = self.tables.delivery
        which = (table.c.handler == handler) & (table.c.id == number)
        with self.engine.begin() as connection:
            line = connection.scalars(select(table.c.line).where(which)).one()
            connection.execute(table.delete().where(which))
            if line is not None:
                advance(connection, self.tables, [(handler, line)])

    def relay(self) -> RelayInfo:
        """Return one more relay, in a process of its own where that can be told to have ended."""
        name = str(uuid4())
        pid = os.getpid()
        if self.engine.dialect.name == "sqlite":
            process = subprocess.Popen(["sleep", "600"])
            self._closing.callback(process.wait)
            self._closing.callback(process.kill)
            self._processes[name] = process
            pid = process.pid
        return RelayInfo(name, socket.gethostname(), pid, "now")

    def died(self, relay: RelayInfo) -> bool:
        """End the session of a relay."""
        if relay.id in self._processes:
            self._processes[relay.id].kill()
            self._processes[relay.id].wait()
            return True
        table = self.tables.relay
        with self.engine.begin() as connection:
            query = select(table.c.session_lock).where(table.c.id == relay.id)
            lock = connection.scalars(query).one()
            assert lock is not None
            if self.engine.dialect.name == "postgresql":
                held = "(classid::bigint << 32 | objid::bigint) = CAST(:lock AS bigint)"
                kill = (
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                    f" WHERE locktype = 'advisory' AND {held}"
                )
                assert connection.scalars(text(kill), {"lock": lock}).all() == [True]
            else:
                used = text("SELECT IS_USED_LOCK(:lock)")
                session = connection.scalar(used, {"lock": lock})
                connection.execute(text(f"KILL {session:d}"))
                while connection.scalar(used, {"lock": lock}) is not None:
                    pass
        return True

    def now(self) -> datetime:
        """Return the time of the database."""
        with self.engine.begin() as connection:
            return in_utc(connection.execute(select(database_now())).scalar_one())

    def pass_time(self, by: timedelta) -> None:
        """Move back what is noted."""
        columns = self.tables.relay.c.expires_at, self.tables.delivery.c.due_at
        with self.engine.begin() as connection:
            for column in columns:
                for value in set(connection.scalars(select(column))):
                    moved = as_column(connection, in_utc(value) - by)
                    changed = update(column.table).where(column == value)
                    connection.execute(changed.values({column: moved}))


@contextlib.contextmanager
def harness_on(url: str, async_url: str | None = None, **options: Any) -> Iterator[SqlHarness]:
    """Give a harness that is empty, and close it."""
    harness = SqlHarness(url, async_url, **options)
    try:
        yield harness
    finally:
        harness.close()


def wait_for_a_lock(harness: SqlHarness, blocked: Future[Any]) -> None:
    """Return when *blocked* waits for a row that another one has."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    if harness.engine.dialect.name == "mysql":
        query = (
            "SELECT count(*) FROM information_schema.innodb_trx t"
            " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
            " WHERE t.trx_state = 'LOCK WAIT' AND p.db = database()"
        )
    waits = False
    while not waits:
        assert not blocked.done()
        time.sleep(0.15)  # MariaDB tells nothing new to those who ask more often
        with harness.engine.begin() as connection:
            waits = bool(connection.scalar(text(query)))
