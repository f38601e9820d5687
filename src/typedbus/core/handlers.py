"""The protocols of a handler and of a publisher, and what subscribes a decorated function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)
R = TypeVar("R", bound="Awaitable[None] | None")


class Handler(Protocol[E_contra]):
    """What is called with every event of a class, and does not wait."""

    def __call__(self, event: E_contra, /) -> None:
        """Handle *event*."""


class AsyncHandler(Protocol[E_contra]):
    """What is called with every event of a class, and is awaited."""

    def __call__(self, event: E_contra, /) -> Awaitable[None]:
        """Handle *event*."""
        ...


class Publisher(Protocol[E_contra]):
    """All of a bus that a use case needs: publish these events."""

    def publish(self, event: E_contra, /) -> None:
        """Deliver *event* to everyone who subscribed to its class."""


class AsyncPublisher(Protocol[E_contra]):
    """All of an async bus that a use case needs: publish these events."""

    async def publish(self, event: E_contra, /) -> None:
        """Deliver *event* to everyone who subscribed to its class."""


class Registrar(Generic[E]):
    """What `bus.on(...)` returns: subscribes the function below it and gives it back."""

    __slots__ = ("_subscribe",)

    def __init__(self, subscribe: Callable[[Callable[[E], None]], object], /) -> None:
        self._subscribe = subscribe

    def __call__(self, handler: Callable[[E], None], /) -> Callable[[E], None]:
        """Subscribe *handler* and return the very same object."""
        self._subscribe(handler)
        return handler


class AsyncRegistrar(Generic[E]):
    """What `bus.on(...)` returns where a handler may be async."""

    __slots__ = ("_subscribe",)

    def __init__(
        self, subscribe: Callable[[Callable[[E], Awaitable[None] | None]], object], /
    ) -> None:
        self._subscribe = subscribe

    def __call__(self, handler: Callable[[E], R], /) -> Callable[[E], R]:
        """Subscribe *handler* and return the very same object."""
        self._subscribe(handler)
        return handler
