"""Events as something to wait for: the next one, or a stream of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

from typedbus.core.buffers import Buffer
from typedbus.core.errors import QueueFullError, WaitTimeoutError
from typedbus.core.events import name_of_class
from typedbus.core.loops import running_loop
from typedbus.core.subscriptions import Subscription

E = TypeVar("E")


class Subscribe(Protocol):
    """How the waiting of this module gets its events."""

    def __call__(self, event_type: type, handler: Callable[[Any], Any], /) -> Subscription:
        """Call *handler* with every event of *event_type*."""
        ...


async def next_event(
    subscribe: Subscribe,
    event_type: type[E],
    *,
    where: Callable[[E], bool] | None,
    timeout: timedelta | None,
) -> E:
    """Return the next event of *event_type* for which *where* answers True."""
    loop = running_loop()
    arrived = loop.signal()
    found: list[E] = []
    wrong: list[Exception] = []

    def take(event: E) -> None:
        if found or wrong:
            return
        try:
            if where is not None and not where(event):
                return
        except Exception as error:  # noqa: BLE001 - it is the waiter's mistake, not the publisher's
            wrong.append(error)
        else:
            found.append(event)
        arrived.set()

    with subscribe(event_type, take):
        if timeout is None:
            await arrived.wait()
        else:
            try:
                async with loop.deadline(timeout.total_seconds()):
                    await arrived.wait()
            except TimeoutError:
                # An event that came in the very moment the time was over is not lost.
                if not found and not wrong:
                    raise WaitTimeoutError(
                        name_of_class(event_type), timeout.total_seconds()
                    ) from None
    if wrong:
        raise wrong[0]
    return found[0]


class Stream(Generic[E]):
    """The events of a class from now on, in order; for one task to iterate over.

    Closing it, or leaving the `async with`, ends the iteration after what has come in before.
    """

    def __init__(
        self,
        subscribe: Subscribe,
        event_type: type[E],
        *,
        buffer: int,
        when_full: Literal["raise", "wait"],
    ) -> None:
        self._subscribe = subscribe
        self._event_type = event_type
        self._buffer = Buffer[E](buffer)
        self._take = self._take_or_wait if when_full == "wait" else self._take_or_raise
        self._subscription: Subscription | None = None

    def close(self) -> None:
        """Receive nothing more."""
        if self._subscription is not None:
            self._subscription.cancel()
        self._buffer.close()

    async def __aenter__(self) -> Self:
        self._subscription = self._subscribe(self._event_type, self._take)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> E:
        taken = await self._buffer.get()
        if taken is None:
            raise StopAsyncIteration
        return taken[0]

    def _take_or_raise(self, event: E) -> None:
        if not self._buffer.closed and not self._buffer.offer(event):
            raise QueueFullError(
                "the stream", self._buffer.size, "its reader", name_of_class(type(event))
            )

    async def _take_or_wait(self, event: E) -> None:
        await self._buffer.put(event)
