"""Relays on a store in memory, run for as long as a test needs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from tests.outbox.machines import ParcelEvent
from typedbus.core.bus import Bus
from typedbus.core.errors import StoreAwayError
from typedbus.outbox.relay import Relay
from typedbus.outbox.settings import RelaySettings
from typedbus.testing import MemoryStore, MemoryWorkplace

T = TypeVar("T")

QUICK = RelaySettings(
    poll=timedelta(milliseconds=20), ttl=timedelta(seconds=5), drain=timedelta(seconds=10)
)
"""So that tests need not wait long."""
PATIENCE = 20.0


class Place(MemoryWorkplace):
    """A workplace whose store can be made to fail."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        super().__init__(store)
        self.bus = Bus(ParcelEvent)
        self.error: Exception | None = None
        """What every call of the store raises."""
        self.beats_in_thread = True
        self.calls = 0
        self.closed = False

    async def call(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, unless the store is to fail."""
        await asyncio.sleep(0)
        return self._call(operation)

    def call_for_the_lease(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, unless the store is to fail."""
        if not self.beats_in_thread:
            raise NotImplementedError
        return self._call(operation)

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def publish(self, *events: ParcelEvent) -> None:
        """Publish *events* in one transaction."""
        with self.transaction():
            for each in events:
                self.bus.publish(each)

    def _call(self, operation: Callable[[], T]) -> T:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return operation()


def away() -> StoreAwayError:
    """Return what a store raises whose database does not answer."""
    return StoreAwayError("read the outbox", "the database does not answer", "start it")


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[asyncio.Task[object]]:
    """Run *relay* as long as the block is open, then stop it."""
    task: asyncio.Task[object] = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        relay.stop()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([task])


async def until(is_so: Callable[[], object]) -> None:
    """Return when *is_so* says yes."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110 - what it asks for tells nobody
            await asyncio.sleep(0.002)


def run_once(place: MemoryWorkplace, settings: RelaySettings = QUICK) -> None:
    """Run a relay until nothing more is due."""

    async def run() -> None:
        async with asyncio.timeout(PATIENCE):
            left = await Relay(place, settings).run(once=True)
        assert list(left) == []

    asyncio.run(run())
