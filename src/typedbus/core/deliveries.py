"""The protocols of a delivery.

A delivery is a function from handler to handler that decides when and where the handler runs.
There are four, because two questions are open: can it await an async handler, and must it be
awaited itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeAlias

from typedbus.core.handlers import E, E_contra


class Delivery(Protocol):
    """Decides when and where a handler runs; can await it, and serves either bus."""

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the handler that stands in for *handler* on the bus."""
        ...


class SyncDelivery(Protocol):
    """Decides when and where a handler runs; cannot await it, and serves either bus."""

    def __call__(self, handler: Callable[[E], None], /) -> Callable[[E], None]:
        """Return the handler that stands in for *handler* on the bus."""
        ...


class AsyncDelivery(Protocol):
    """Decides when and where a handler runs; is awaited itself, so it serves `AsyncBus`."""

    def __call__(
        self, handler: Callable[[E], Awaitable[None] | None], /
    ) -> Callable[[E], Awaitable[None] | None]:
        """Return the handler that stands in for *handler* on the bus."""
        ...


class BlockingDelivery(Protocol):
    """Takes handlers that block and is awaited itself, so it serves `AsyncBus`."""

    def __call__(self, handler: Callable[[E], None], /) -> Callable[[E], Awaitable[None] | None]:
        """Return the handler that stands in for *handler* on the bus."""
        ...


class DeliveryFor(Generic[E_contra]):
    """A `Delivery` that looks into the event, and so is for handlers of one event class.

    It is a class, and no protocol: to a type checker that meets a lambda on the way to an overload
    of `on()`, only a class says whose event the lambda takes.
    """

    def __call__(
        self, handler: Callable[[E_contra], Awaitable[None] | None], /
    ) -> Callable[[E_contra], None]:
        """Return the handler that stands in for *handler* on the bus."""
        raise NotImplementedError


# What `on()` takes as `via`: the same four, for handlers of the event class of that very call.
# They are aliases because pyrefly 1.4 takes any generic function for a protocol whose `__call__`
# has a type variable of its own, and then misses an async handler under a sync delivery.
DeliveryOf: TypeAlias = Callable[[Callable[[E], Awaitable[None] | None]], Callable[[E], None]]
SyncDeliveryOf: TypeAlias = Callable[[Callable[[E], None]], Callable[[E], None]]
AsyncDeliveryOf: TypeAlias = Callable[
    [Callable[[E], Awaitable[None] | None]], Callable[[E], Awaitable[None] | None]
]
BlockingDeliveryOf: TypeAlias = Callable[
    [Callable[[E], None]], Callable[[E], Awaitable[None] | None]
]
