"""The kinds of handlers there are: each makes one that writes the events into a list."""

import types
from collections.abc import Awaitable, Callable, Generator
from functools import partial, wraps
from typing import Any, TypeAlias
from unittest.mock import AsyncMock, Mock

import anyio.lowlevel
import pytest

from tests.core.shop import ShopEvent, nothing
from typedbus import AsyncHandler, Handler

Seen: TypeAlias = list[ShopEvent]
Sync: TypeAlias = Callable[[ShopEvent], None]
Async: TypeAlias = Callable[[ShopEvent], Awaitable[None]]


class Recorder:
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def note(self, event: ShopEvent) -> None:
        self.seen.append(event)

    async def note_async(self, event: ShopEvent) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append(event)

    def note_again(self, event: ShopEvent, times: int = 1, *, loud: bool = False) -> None:
        self.seen.extend([event] * times)

    def note_twice(self, extra: str, event: ShopEvent, /, *more: ShopEvent) -> None:
        self.seen.append(event)


class RecordingHandler(Handler[ShopEvent]):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def __call__(self, event: ShopEvent, /) -> None:
        self.seen.append(event)


class AsyncRecordingHandler(AsyncHandler[ShopEvent]):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def __call__(self, event: ShopEvent, /) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append(event)


class Later:
    """Something to await that is no coroutine."""

    def __init__(self, seen: Seen, event: ShopEvent) -> None:
        self.seen = seen
        self.event = event

    def __await__(self) -> Generator[Any, Any, None]:
        self.seen.append(self.event)
        yield from anyio.lowlevel.checkpoint().__await__()


class Proxy:
    """Answers every question as the function it stands for, and calls another one."""

    def __init__(self, stands_for: Callable[..., object], calls: Callable[..., Any]) -> None:
        self.stands_for = stands_for
        self.calls = calls

    def __getattr__(self, name: str) -> object:
        return getattr(self.stands_for, name)

    def __call__(self, event: ShopEvent) -> Any:
        return self.calls(event)


def passing_on(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate *handler* as most decorators do."""

    @wraps(handler)
    def wrapper(*args: object, **kwargs: object) -> object:
        return handler(*args, **kwargs)

    return wrapper


def with_session(handler: Callable[[str, ShopEvent], Any]) -> Callable[[ShopEvent], Any]:
    """Decorate *handler* as an injecting decorator does: it gives the first argument."""

    @wraps(handler)
    def wrapper(event: ShopEvent) -> object:
        return handler("session", event)

    return wrapper


def in_a_class(seen: Seen) -> Any:  # Any: the class is made here
    """Return a class with a static method and a class method."""

    class Audit:
        @staticmethod
        def note(event: ShopEvent) -> None:
            seen.append(event)

        @classmethod
        def note_too(cls, event: ShopEvent) -> None:
            seen.append(event)

    return Audit


@types.coroutine
def old_coroutine(seen: Seen, event: ShopEvent) -> Generator[Any, Any, None]:
    """Be awaitable as in the days before `async def`."""
    yield from anyio.lowlevel.checkpoint().__await__()
    seen.append(event)


SYNC: dict[str, Callable[[Seen], Sync]] = {
    "built-in": lambda seen: seen.append,
    "lambda": lambda seen: lambda event: seen.append(event),  # noqa: PLW0108 - a lambda is the kind
    "method": lambda seen: Recorder(seen).note,
    "static method": lambda seen: in_a_class(seen).note,
    "static method, not yet in its class": lambda seen: staticmethod(Recorder(seen).note),
    "class method": lambda seen: in_a_class(seen).note_too,
    "partial": lambda seen: partial(Recorder(seen).note_twice, "extra"),
    "partial of a partial": lambda seen: partial(partial(Recorder(seen).note_again), loud=True),
    "with defaults": lambda seen: Recorder(seen).note_again,
    "any number of arguments": lambda seen: lambda *events: seen.extend(events),
    "callable object": RecordingHandler,
    "mock": lambda seen: Mock(side_effect=seen.append),
    "decorated": lambda seen: passing_on(Recorder(seen).note),
    "decorated by what gives an argument": lambda seen: with_session(Recorder(seen).note_twice),
}
KNOWN_ASYNC: dict[str, Callable[[Seen], Async]] = {
    "async method": lambda seen: Recorder(seen).note_async,
    "partial of an async method": lambda seen: partial(Recorder(seen).note_async),
    "async callable object": AsyncRecordingHandler,
    "partial of an async callable object": lambda seen: partial(AsyncRecordingHandler(seen)),
    "async mock": lambda seen: AsyncMock(side_effect=seen.append),
}
HIDDEN_ASYNC: dict[str, Callable[[Seen], Async]] = {
    "lambda that returns a coroutine": lambda seen: lambda event: Recorder(seen).note_async(event),
    "decorated async function": lambda seen: passing_on(Recorder(seen).note_async),
    "what returns an awaitable object": lambda seen: partial(Later, seen),
    "proxy of a sync function": lambda seen: Proxy(nothing, Recorder(seen).note_async),
    "mock that returns a coroutine": lambda seen: Mock(side_effect=Recorder(seen).note_async),
}
OLD_ASYNC: dict[str, Callable[[Seen], Async]] = {
    "lambda that returns an old coroutine": lambda seen: lambda event: old_coroutine(seen, event),
}


def named(table: dict[str, Callable[[Seen], Any]]) -> list[Any]:
    """Return the kinds of *table* as parameters of a test."""
    return [pytest.param(kind, id=name) for name, kind in table.items()]
