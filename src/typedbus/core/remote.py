"""Handlers that run in another process: known on both sides by a name that outlives renames."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from threading import Lock
from typing import Any, Final, Generic, NamedTuple, Self

from typing_extensions import TypeVar

from typedbus.core.attempts import is_awaitable, refuse_generator
from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.deferred import Deferred, Source
from typedbus.core.envelope import Envelope, envelope_of, restored
from typedbus.core.errors import HandlerNameError, UnknownHandlerError
from typedbus.core.events import name_of_class
from typedbus.core.messages import Message, pack, unpack
from typedbus.core.subscriptions import Subscription

R = TypeVar("R", bound="Remote", default="Remote")


class Remote(Deferred):
    """Stands in for a handler that runs in another process.

    The event is written as JSON in the publisher's transaction, so one that cannot be written
    fails there. It is handed over once the transaction is committed, or at once without one.
    """

    __slots__ = ("_handlers", "handler_name")

    def __init__(
        self, source: Source, handlers: RemoteHandlers[Any], name: str, handler: AnyHandler, /
    ) -> None:
        # Any: handlers of one kind of Remote take that kind, and only a subclass knows its own.
        super().__init__(source, handler)
        self._handlers = handlers
        self.handler_name: Final = name

    def subscribed(
        self, subscription: Subscription, wrap: Callable[[AnyHandler], AnyHandler], /
    ) -> Self:
        """Return a copy that belongs to *subscription*, and make it known by its name."""
        mine = super().subscribed(subscription, wrap)
        self._handlers.add(mine, subscription)
        return mine

    def call_for(self, event: Any, *, awaits: bool) -> AnyHandler:
        """Write *event* down, and return what hands it over."""
        message = pack(envelope_of(event))
        self.check(message)

        def hand_over(event: Any) -> None:
            self.hand_over(message, event)

        async def hand_over_async(event: Any) -> None:
            await self.hand_over_async(message, event)

        return hand_over_async if awaits else hand_over

    def check(self, message: Message) -> None:
        """Raise for a *message* that can be known not to arrive."""

    def hand_over(self, message: Message, event: Any) -> None:
        """Give *message*, which holds *event*, to whatever carries it."""
        raise NotImplementedError

    async def hand_over_async(self, message: Message, event: Any) -> None:
        """Do as `hand_over`, without blocking the event loop."""
        raise NotImplementedError


class Owed(NamedTuple, Generic[R]):
    """What a message asks for, once it was read: the handler, and the event in its envelope."""

    remote: R
    """The stand-in of the handler."""
    envelope: Envelope[object]
    """The event, and what travelled with it."""

    def run(self) -> None:
        """Call the handler in the context of the event; raises what it raises.

        An async handler runs in an event loop of its own.
        """
        handler, event = self.remote.handler, self.envelope.event
        with restored(self.envelope):
            if is_async(handler):
                _see_through(lambda: handler(event))
                return
            result = handler(event)
            refuse_generator(result, handler)
            if is_awaitable(result):
                _see_through(lambda: result)

    async def run_async(self) -> None:
        """Do as `run`, an async handler being awaited in the loop that runs here."""
        handler, event = self.remote.handler, self.envelope.event
        with restored(self.envelope):
            result = handler(event)
            refuse_generator(result, handler)
            if is_awaitable(result):
                await result


class RemoteHandlers(Generic[R]):
    """The handlers that one carrier brings events to, by name.

    Iterating gives the names, sorted.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[type, tuple[R, Subscription]]] = {}
        self._lock = Lock()

    def add(self, remote: R, subscription: Subscription) -> None:
        """Know *remote* by its name; raise `HandlerNameError` if another handler has that."""
        name = checked_name(remote.handler_name, subscription.handler)
        with self._lock:
            under = self._known.setdefault(name, {})
            for other, its_subscription in under.values():
                # A function defined anew by a reload of its module is the same handler.
                if other.name != remote.name and its_subscription.order >= 0:
                    raise HandlerNameError(
                        f"call {remote.name} {name!r} in another process",
                        f"{other.name} is called that",
                        "give each handler a name of its own",
                    )
            under[subscription.event_type] = (remote, subscription)

    def find(self, name: str, event: object) -> R:
        """Return the stand-in of the handler called *name* on the class of *event*.

        A subscription that was cancelled since is found too: what was handed over is owed.
        Raises `UnknownHandlerError`.
        """
        under = self._known.get(name, {})
        for cls in type(event).__mro__:
            if cls in under:
                return under[cls][0]
        on = name_of_class(type(event))
        raise UnknownHandlerError(
            f"handle {on} by {name!r}",
            f"no handler of {on} is called that here, only {', '.join(self) or 'none at all'}",
            "import the module that subscribes it, or bring its name back",
        )

    def read(self, name: str, message: Message) -> Owed[R]:
        """Return what *message* for the handler called *name* asks for.

        Raises what `unpack` and `find` raise for a message that nobody here can handle.
        """
        envelope = unpack(message)
        return Owed(self.find(name, envelope.event), envelope)

    def run(self, name: str, message: Message) -> None:
        """Read *message* and run the handler called *name*; raises what either raises."""
        self.read(name, message).run()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._known))

    def __len__(self) -> int:
        return len(self._known)


def checked_name(name: object, handler: AnyHandler) -> str:
    """Return *name*; raise `HandlerNameError` unless *handler* can be known by it."""
    if isinstance(name, str) and re.fullmatch(r"[^\s]+", name):
        return name
    raise HandlerNameError(
        f"call {name_of(handler)} {name!r} in another process",
        "a name is a string, not empty and without white space",
        'write one such as "accounting.email"',
    )


def _see_through(make: Callable[[], Awaitable[object]]) -> None:
    """Await what *make* returns, in an event loop of its own."""
    import asyncio  # imported by a worker, not by `import typedbus`

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(_awaited(make))
        return
    # A thread has one loop at a time, and this one's is busy calling us.
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    with ThreadPoolExecutor(1) as thread:
        thread.submit(copy_context().run, asyncio.run, _awaited(make)).result()


async def _awaited(make: Callable[[], Awaitable[object]]) -> None:
    await make()
