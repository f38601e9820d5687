"""A handler that waits for something to end: a scope, a response, a transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias

from typedbus.core.attempts import is_awaitable
from typedbus.core.callables import AnyHandler, is_async
from typedbus.core.delivered import Delivered
from typedbus.core.errors import AsyncHandlerError
from typedbus.core.jobs import Job


class Holder(Protocol):
    """Holds jobs until it ends."""

    @property
    def awaits(self) -> bool:
        """Whether it can await async handlers when it ends."""
        ...

    def put(self, job: Job, /) -> bool:
        """Hold *job*; return False if it has ended already."""
        ...


Find: TypeAlias = Callable[[], Holder | None]
"""Finds what is open here, if anything is."""
FindAsync: TypeAlias = Callable[[], Awaitable[Holder | None]]
"""The same from a coroutine, for what lives in another thread."""


class Source(Protocol):
    """Knows what is open here."""

    name: str
    """What a subscription that waits for it says of its delivery, such as "after commit"."""
    in_short: str
    """What messages call the thing that is open: "scope", "transaction"."""
    opened_async: str
    """How to open one that can await, as messages say it: "publish inside `async with`"."""

    def current(self) -> Holder | None:
        """Return what is open here and holds jobs until it ends, or None."""
        ...

    @property
    def current_async(self) -> FindAsync | None:
        """How a coroutine asks, where `current` called from one would look in the wrong place."""
        ...


class Deferred(Delivered):
    """Runs its handler when what *source* finds has ended; at once where nothing is open."""

    __slots__ = ("_source", "delivery", "not_awaited")

    def __init__(self, source: Source, handler: AnyHandler) -> None:
        super().__init__(handler)
        self._source = source
        self.delivery = source.name
        self.not_awaited = (
            f"it is async, and no {source.in_short} of {source.name!r} is open here to await it",
            "publish where one is open, or on an AsyncBus",
        )

    def __call__(self, event: Any, /) -> Any:
        """Take *event* in: the bus calls this on publish."""
        if self.awaited and self._source.current_async is not None:
            return self._take_async(self._source.current_async, event)
        return self._take(self._source.current(), event)

    def call_for(self, event: Any, *, awaits: bool) -> AnyHandler:
        """Return what is to run at the end, or at once; *awaits* tells whether it may be async."""
        del event, awaits  # for subclasses that prepare something in the publisher's transaction
        return self.handler

    def _take(self, holder: Holder | None, event: Any) -> Any:
        call = self.call_for(event, awaits=self.awaited if holder is None else holder.awaits)
        if holder is None:
            return call(event)
        # A subclass that makes its own call was told whether it may be async.
        if call is self.handler and not holder.awaits and is_async(call):
            raise AsyncHandlerError(
                self.name,
                f"it is async, and nothing is awaited where this {self._source.in_short} ends",
                self._source.opened_async,
            )
        if holder.put(Job.made_here(self, event, call)):
            return None
        return self._take(self._source.current(), event)  # it ended meanwhile

    async def _take_async(self, find: FindAsync, event: Any) -> None:
        result = self._take(await find(), event)
        if is_awaitable(result):
            await result
