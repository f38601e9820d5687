"""From a publish to the broker: the stand-in of a handler, and what it does when nobody answers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from logging import getLogger
from typing import Any, Final, Literal, NamedTuple, Protocol, TypeAlias

from typedbus.core.callables import AnyHandler
from typedbus.core.deferred import Source
from typedbus.core.errors import BrokerAwayError, TooLargeError
from typedbus.core.loops import running_loop
from typedbus.core.messages import Message
from typedbus.core.remote import Remote, RemoteHandlers
from typedbus.core.retries import Backoff


class Keeper(Protocol):
    """Keeps, for good, what the broker did not take: in a table or a file, for example."""

    def keep(self, message: Message, handler: str) -> None:
        """Store *message* for the handler of that name; `CeleryDelivery.send` takes it later.

        Returning says that it is stored. Called in the thread that publishes, and for coroutines
        in a thread beside the event loop.
        """
        ...


WhenAway: TypeAlias = Literal["raise", "run"] | Keeper


class Send(Protocol):
    """Hands a message to the broker, or raises `BrokerAwayError`."""

    def __call__(self, message: Message, handler: str, /) -> None:
        """Hand over *message* for the handler of that name."""
        ...


class Options(NamedTuple):
    """What `deliver` was told of one handler."""

    retry: Backoff
    give_up_on: tuple[type[Exception], ...]
    when_away: WhenAway

    def wait_after(self, error: Exception, tries: int) -> timedelta | None:
        """Return how long to wait when *error* ended the last of *tries*; None to give up."""
        return None if isinstance(error, self.give_up_on) else self.retry.wait_after(tries)


class Carrier(NamedTuple):
    """What the stand-ins of one delivery share."""

    source: Source
    handlers: RemoteHandlers[Sent]
    send: Send
    max_bytes: int


class Sent(Remote):
    """Stands in for a handler that runs in a Celery worker."""

    __slots__ = ("_carrier", "options")

    def __init__(self, carrier: Carrier, name: str, options: Options, handler: AnyHandler) -> None:
        super().__init__(carrier.source, carrier.handlers, name, handler)
        self._carrier = carrier
        self.options: Final = options
        self.delivery = f"celery {name}"

    def check(self, message: Message) -> None:
        """Raise `TooLargeError` for a *message* that is larger than was agreed on."""
        limit = self._carrier.max_bytes
        if message.size > limit:
            raise TooLargeError(
                f"send {message.headers['ce-type']} to {self.handler_name!r}",
                f"it takes {message.size:,} bytes, and max_bytes is {limit:,}",
                "put the large part where the handler can fetch it, and its key into the event",
            )

    def hand_over(self, message: Message, event: Any) -> None:
        """Send *message*; if the broker is away, do what was chosen."""
        try:
            self._send(message)
        except BrokerAwayError as error:
            away = error
        else:
            return
        match self.options.when_away:
            case "raise":
                raise away
            case "run":
                _tell_of_running_here(self.handler_name, away)
                self._carrier.handlers.run(self.handler_name, message)
            case keeper:
                keeper.keep(message, self.handler_name)

    async def hand_over_async(self, message: Message, event: Any) -> None:
        """Do as `hand_over`; what blocks is done in a thread."""
        loop = running_loop()
        try:
            await loop.in_thread(partial(self._send, message))
        except BrokerAwayError as error:
            away = error
        else:
            return
        match self.options.when_away:
            case "raise":
                raise away
            case "run":
                _tell_of_running_here(self.handler_name, away)
                await self._carrier.handlers.read(self.handler_name, message).run_async()
            case keeper:
                await loop.in_thread(partial(keeper.keep, message, self.handler_name))

    def _send(self, message: Message) -> None:
        self._carrier.send(message, self.handler_name)


def _tell_of_running_here(handler: str, away: BrokerAwayError) -> None:
    getLogger("typedbus").warning(
        "%r runs here and now, as when_away='run' says: cannot %s, for %s",
        handler,
        away.act,
        away.problem,
    )
