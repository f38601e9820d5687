"""Connections of a store's own, beside those that handlers and requests have to share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, SingletonThreadPool, StaticPool

from typedbus.adapters.sqlalchemy.outbox.dialect import OutboxDialect
from typedbus.core.errors import TypedBusError


class OwnConnection:
    """A connection that no pool knows of."""

    def __init__(self, engine: Engine, options: Mapping[str, Any], *, leave: bool) -> None:
        connection = engine.connect()
        self.connection: Final = connection.execution_options(**options) if options else connection
        # SQLAlchemy forgets it when it finds it broken, and does not close it.
        self._driver: Final = connection.connection.dbapi_connection
        self._has_left: Final = leave
        if leave:
            connection.detach()

    def close(self) -> None:
        """Close it, or give it back if it belongs to the pool."""
        dialect = self.connection.dialect
        self.connection.close()
        # SQLAlchemy closes it now, unless an event loop has to and the driver has no other way.
        if self._has_left and dialect.is_async and not dialect.has_terminate:
            self._close_driver()

    def discard(self) -> None:
        """Close it, though nobody knows how far it came."""
        if not self.connection.closed:
            if not self.connection.invalidated:
                self.connection.invalidate()
            self.connection.close()
        if self._has_left:
            self._close_driver()

    def _close_driver(self) -> None:
        if self._driver is not None:
            with suppress(Exception):
                self.connection.dialect.do_terminate(self._driver)


class Connections:
    """Keeps connections open between the calls of a store.

    A relay that had to wait for the pool of its handlers would wait for what waits for it.
    """

    def __init__(self, engine: Engine, dialect: OutboxDialect) -> None:
        self.patience = timedelta(seconds=10)
        """After how long the server may end a transaction in which nothing happens."""
        self._engine: Final = engine
        self._dialect: Final = dialect
        # A database in memory is in its connections: they are the pool's for ever.
        self._leaves: Final = not isinstance(engine.pool, (SingletonThreadPool, StaticPool))
        self._reading: Final = deque[OwnConnection]()
        self._writing: Final = deque[OwnConnection]()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection on which each statement is a transaction of its own."""
        with self._used(self._reading, self._dialect.reading) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction, and commit at the end."""
        with self._used(self._writing, self._dialect.writing) as connection:
            self._dialect.begin(connection)
            yield connection

    def open(self, options: Mapping[str, Any]) -> OwnConnection:
        """Return a new connection, which belongs to whoever asked for it."""
        if not self._leaves:
            self._dialect.check_shared(self._engine)
        own = OwnConnection(self._engine, options, leave=self._leaves)
        try:
            with own.connection.begin():
                self._dialect.prepare(own.connection, self.patience)
        except BaseException:
            own.discard()
            raise
        return own

    def close(self) -> None:
        """Close what is not in use."""
        for idle in (self._reading, self._writing):
            while idle:
                idle.pop().close()

    @contextmanager
    def _used(self, idle: deque[OwnConnection], options: Mapping[str, Any]) -> Iterator[Connection]:
        try:
            own = idle.pop()
        except IndexError:
            own = self.open(options)
        try:
            with own.connection.begin():
                yield own.connection
        except TypedBusError:
            self._give_back(own, idle)
            raise
        except BaseException:
            own.discard()
            raise
        self._give_back(own, idle)

    def _give_back(self, own: OwnConnection, idle: deque[OwnConnection]) -> None:
        if self._leaves:
            idle.append(own)
        else:
            own.close()
