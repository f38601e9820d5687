"""What a relay is given to work with: the ports beside the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol, TypeVar

from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.store import Store

T = TypeVar("T")


class Doorbell(Protocol):
    """Tells a relay that something may have been committed; it may ring for nothing, or miss."""

    async def wait(self, most: timedelta) -> None:
        """Return when it rang since the last call, or after *most*."""
        ...

    def ring(self) -> None:
        """Wake who waits, from any thread."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class Workplace(Protocol):
    """What one relay needs of an outbox."""

    @property
    def name(self) -> str:
        """What logs call the outbox."""
        ...

    @property
    def handlers(self) -> DurableHandlers:
        """The handlers that events are owed to."""
        ...

    @property
    def store(self) -> Store:
        """Where events wait."""
        ...

    async def call(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, which calls the store, without blocking the event loop."""
        ...

    def call_for_the_lease(self, operation: Callable[[], T], /) -> T:
        """Run *operation*, which renews the lease, on a connection of its own, in this thread.

        Raises `NotImplementedError` where the store can only be called by coroutines.
        """
        ...

    def doorbell(self) -> Doorbell:
        """Return a new doorbell for a relay of this event loop."""
        ...

    async def close(self) -> None:
        """Let go of what the relay used: threads and connections."""
        ...
