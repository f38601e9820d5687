"""The events that the tests of the core publish, and the handlers that they have in common."""

from collections.abc import Callable

import anyio.lowlevel

from typedbus import Event


class ShopEvent(Event):
    shop: str = "main"


class UserEvent(ShopEvent):
    user_id: int = 1


class UserCreated(UserEvent):
    email: str = "ada@example.org"


class OrderPlaced(ShopEvent):
    order_id: int = 1


class Elsewhere(Event):
    """An event that the bus of the shop does not carry."""


class DeclinedError(Exception):
    """What a handler of the tests raises."""


class LostError(Exception):
    """What another handler of the tests raises."""


class EndError(BaseException):
    """What nobody may hold back, as KeyboardInterrupt."""


def nothing(event: object) -> None:
    """Do nothing: a handler for whatever comes."""


async def nothing_async(event: object) -> None:
    """Do nothing: an async handler for whatever comes."""


def decline(event: object) -> None:
    """Raise a new error: a handler that always fails."""
    raise DeclinedError


async def decline_later(event: object) -> None:
    """Raise after a step of the event loop."""
    await anyio.lowlevel.checkpoint()
    raise DeclinedError


def failing(error: BaseException) -> Callable[[object], None]:
    """Return a handler that raises *error*."""

    def fail(event: object) -> None:
        raise error

    return fail


def noting(calls: list[str], name: str) -> Callable[[object], None]:
    """Return a handler that writes *name* into *calls*."""

    def note(event: object) -> None:
        calls.append(name)

    return note
