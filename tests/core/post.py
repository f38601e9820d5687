"""A carrier to "another process": messages wait in a list until a test delivers them."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from typedbus import Event, event
from typedbus.core.collect import Collector
from typedbus.core.errors import TooLargeError
from typedbus.core.messages import Message
from typedbus.core.remote import Remote, RemoteHandlers

E = TypeVar("E")


@event(name="test.remote.user.created", version=1)
class UserCreated(Event):
    user_id: int = 1


@event(name="test.remote.admin.created", version=1)
class AdminCreated(UserCreated):
    pass


@event(name="test.remote.user.deleted", version=1)
class UserDeleted(Event):
    pass


class Kept(Remote):
    """Stands in for a handler whose messages wait in a list."""

    outbox: list[tuple[str, Message, str]]

    def hand_over(self, message: Message, event: Any) -> None:
        self.outbox.append((self.handler_name, message, "sync"))

    async def hand_over_async(self, message: Message, event: Any) -> None:
        self.outbox.append((self.handler_name, message, "async"))

    def check(self, message: Message) -> None:
        if message.size > 2_000:
            raise TooLargeError("send it", "it is large", "make it smaller")


class Post:
    """A carrier whose messages wait in a list until somebody delivers them."""

    def __init__(self) -> None:
        self.commits = Collector("commit")
        self.handlers = RemoteHandlers[Kept]()
        self.outbox: list[tuple[str, Message, str]] = []

    def to(
        self, name: str
    ) -> Callable[[Callable[[E], Awaitable[None] | None]], Callable[[E], None]]:
        """Return the delivery to the handler of that name."""

        def stand_in(handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
            kept = Kept(self.commits, self.handlers, name, handler)
            kept.outbox = self.outbox
            return kept

        return stand_in

    def deliver(self) -> None:
        """Run the handlers of what waits, as the other process does."""
        while self.outbox:
            name, message, _ = self.outbox.pop(0)
            self.handlers.run(name, message)
