"""What one relay works with: the store, a thread or an event loop for it, and a doorbell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Engine

from typedbus.adapters.sqlalchemy.outbox.bell_postgresql import Call, ListeningBell
from typedbus.adapters.sqlalchemy.outbox.bell_sqlite import bell_of_file
from typedbus.adapters.sqlalchemy.outbox.doorbell import Bell, Bells
from typedbus.adapters.sqlalchemy.outbox.side import channel_of
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.records import Batch

T = TypeVar("T")


class SyncWorkplace:
    """The workplace of a relay on an `Engine`: the store is called in a thread (`Workplace`)."""

    def __init__(
        self, name: str, handlers: DurableHandlers, engine: Engine, tables: Tables, bells: Bells
    ) -> None:
        self.name: Final = name
        self.handlers: Final = handlers
        self.store: Final = SqlStore(engine, tables)
        self._engine: Final = engine
        self._tables: Final = tables
        self._bells: Final = bells
        self._thread: Final = ThreadPoolExecutor(1, "typedbus store")
        self._other: Final = ThreadPoolExecutor(1, "typedbus doorbell")

    async def call(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, which calls the store, without blocking the event loop."""
        result = await asyncio.get_running_loop().run_in_executor(self._thread, operation)
        _note(result, self._bells)
        return result

    def call_for_the_lease(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, which renews the lease, in this thread."""
        return operation()

    def doorbell(self) -> Bell:
        """Return a new doorbell for a relay of this event loop."""
        return _bell(self._engine, self._tables, self._bells, self._call_beside)

    async def close(self) -> None:
        """Let go of threads and connections."""
        try:
            await self.call(self.store.close)
        finally:
            self._thread.shutdown(wait=False)
            self._other.shutdown(wait=False)

    async def _call_beside(self, operation: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._other, operation)


class AsyncWorkplace:
    """The workplace of a relay on an `AsyncEngine`, all in one event loop (`Workplace`)."""

    def __init__(
        self, name: str, handlers: DurableHandlers, engine: Engine, tables: Tables, bells: Bells
    ) -> None:
        self.name: Final = name
        self.handlers: Final = handlers
        self.store: Final = SqlStore(engine, tables)
        self._engine: Final = engine
        self._tables: Final = tables
        self._bells: Final = bells

    async def call(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, which calls the store, without blocking the event loop."""
        result = await _spawned(operation)
        _note(result, self._bells)
        return result

    def call_for_the_lease(self, operation: Callable[[], T], /) -> T:
        """Refuse: only coroutines call the store."""
        raise NotImplementedError

    def doorbell(self) -> Bell:
        """Return a new doorbell for a relay of this event loop."""
        return _bell(self._engine, self._tables, self._bells, _spawned)

    async def close(self) -> None:
        """Let go of connections."""
        await _spawned(self.store.close)


async def _spawned(operation: Callable[[], T]) -> T:
    # It needs greenlet, which who has no AsyncEngine need not have.
    from sqlalchemy.util import greenlet_spawn

    return await greenlet_spawn(operation)


def _note(result: object, bells: Bells) -> None:
    if isinstance(result, Batch) and result.fresh:
        bells.found()


def _bell(engine: Engine, tables: Tables, bells: Bells, call: Call) -> Bell:
    match engine.dialect.name:
        case "postgresql":
            return ListeningBell(bells, engine, channel_of(tables.prefix, tables.schema), call)
        case "sqlite":
            return bell_of_file(engine, bells)
        case _:
            return Bell(bells)
