"""What a relay needs beside a store in memory, and durable handlers whose events it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, Final, TypeVar, Unpack
from uuid import uuid4

from typing_extensions import TypedDict

from typedbus.core.deliveries import Delivery
from typedbus.core.envelope import Envelope, envelope_of
from typedbus.core.errors import NoTransactionError
from typedbus.core.messages import pack
from typedbus.core.retries import Backoff
from typedbus.outbox.handlers import Carrier, Durable, DurableHandlers, OnDead, Options
from typedbus.outbox.records import Record, record_of
from typedbus.outbox.store import RelayInfo
from typedbus.testing.memory import MemoryStore

E = TypeVar("E")
T = TypeVar("T")


class DurableOptions(TypedDict, total=False):
    """What `MemoryWorkplace.durable` takes beside the name, see `Options`."""

    key: Callable[[Any], object] | None
    retry: Backoff
    on_dead: OnDead
    give_up_on: tuple[type[Exception], ...]
    timeout: timedelta | None
    to: Carrier | None
    resend_after: timedelta
    aliases: tuple[str, ...]


class MemoryDoorbell:
    """Rings when a writer of a store in memory commits, or anybody rings it."""

    def __init__(self, store: MemoryStore) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        store.listen(self.ring)

    async def wait(self, most: timedelta) -> None:
        """Return when it rang since the last call, or after *most*."""
        try:
            await asyncio.wait_for(self._rung.wait(), most.total_seconds())
        except TimeoutError:
            return
        self._rung.clear()

    def ring(self) -> None:
        """Wake who waits, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._rung.set)

    async def close(self) -> None:
        """Let go of what it holds: nothing."""


class MemoryWorkplace:
    """A `Workplace` on a `MemoryStore`, and the outbox that durable handlers are made with."""

    def __init__(self, store: MemoryStore | None = None, *, name: str = "memory") -> None:
        self.store: Final = MemoryStore() if store is None else store
        self.name: Final = name
        self.handlers: Final = DurableHandlers()

    def durable(self, name: str, **options: Unpack[DurableOptions]) -> Delivery:
        """Return the delivery of the durable handler of that name, as an `Outbox` does."""
        told = Options(**options)

        def stand_in(handler: Callable[[E], Awaitable[None] | None]) -> Callable[[E], None]:
            return Durable(self, self.handlers, name, told, handler)

        return stand_in

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end what is published inside; keep nothing of it if that raises."""
        published: dict[str, _Published] = {}
        token = _open.set({**(_open.get() or {}), id(self): published})
        try:
            yield
        finally:
            _open.reset(token)
        self.store.write(*(each.record() for each in published.values()))

    def record(self, event: Any, durable: Durable, /) -> None:
        """Owe *event* to *durable*: what a bus calls on publish."""
        published = (_open.get() or {}).get(id(self))
        if published is None:
            raise NoTransactionError(
                f"publish {event!r} for {durable.name}",
                "nothing is open here that will commit it",
                "publish inside `with workplace.transaction():`",
            )
        envelope = envelope_of(event)
        found = published.setdefault(envelope.id, _Published(envelope))
        found.handlers[durable.handler_name] = durable.key_of(event)

    def relay(self) -> RelayInfo:
        """Return what one more relay may say of itself."""
        return RelayInfo(str(uuid4()), "memory", 1, "now")

    async def call(self, operation: Callable[[], T], /) -> T:
        """Run *operation*: a store in memory blocks nobody."""
        return operation()

    def call_for_the_lease(self, operation: Callable[[], T], /) -> T:
        """Run *operation*."""
        return operation()

    def doorbell(self) -> MemoryDoorbell:
        """Return a doorbell that rings when a writer commits."""
        return MemoryDoorbell(self.store)

    async def close(self) -> None:
        """Let go of what a relay used: nothing."""


class _Published:
    """An event that was published in a transaction, and whom it is owed to."""

    def __init__(self, envelope: Envelope[object]) -> None:
        self._message: Final = pack(envelope)
        self.handlers: Final[dict[str, str | None]] = {}

    def record(self) -> Record:
        """Return it as it is stored."""
        return record_of(self._message, self.handlers)


_open: Final[ContextVar[dict[int, dict[str, _Published]] | None]] = ContextVar(
    "typedbus.testing.open", default=None
)
