"""Wrappers: what goes around a handler without changing when or where it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from functools import wraps
from time import perf_counter
from typing import Any, Protocol, cast

from typedbus.core.attempts import attempt_async, is_awaitable
from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.errors import HandlerTimeoutError, NotAHandlerError
from typedbus.core.events import name_of_class
from typedbus.core.handlers import E, R
from typedbus.core.loops import running_loop


class Wrapper(Protocol):
    """Puts something around a handler: tracing, timing, logging."""

    def __call__(self, handler: Callable[[E], R], /) -> Callable[[E], R]:
        """Return *handler* with something around it."""
        ...


def around(manager: Callable[[str, Any], AbstractContextManager[object]], /) -> Wrapper:
    """Make a wrapper of a context manager that takes the handler's name and the event.

    What it raises on the way in keeps the handler from running; on the way out it sees the
    handler's error. It serves sync and async handlers alike.
    """

    def wrap(handler: AnyHandler) -> AnyHandler:
        name = name_of(handler)

        if is_async(handler):

            @wraps(handler)
            async def wrapped_async(event: object) -> None:
                with manager(name, event):
                    await handler(event)

            return wrapped_async

        @wraps(handler)
        def wrapped(event: object) -> object:
            with ExitStack() as stack:
                stack.enter_context(manager(name, event))
                result = handler(event)
                if not is_awaitable(result):
                    return result
                return _Finish(stack.pop_all(), result)

        return wrapped

    # A protocol with a type variable of its own is more than a plain function can be typed as.
    return cast("Wrapper", wrap)


def timeout(limit: timedelta, /) -> Wrapper:
    """Make a wrapper that cancels an async handler after *limit* with `HandlerTimeoutError`.

    A sync handler cannot be interrupted, so it is refused: where that matters, make it async.
    """
    seconds = limit.total_seconds()

    def wrap(handler: AnyHandler) -> AnyHandler:
        name = name_of(handler)
        if not is_async(handler):
            raise NotAHandlerError(
                name, "timeout() cannot interrupt a sync handler", "make the handler async"
            )

        @wraps(handler)
        async def wrapped(event: object) -> None:
            error: Exception | None = None
            try:
                async with running_loop().deadline(seconds):
                    # Caught inside, so that a TimeoutError of the handler's own stays its own.
                    error = await attempt_async(handler, event)
            except TimeoutError:
                raise HandlerTimeoutError(name, name_of_class(type(event)), seconds) from None
            if error is not None:
                raise error

        return wrapped

    return cast("Wrapper", wrap)


def logged(handler: Callable[[E], R], /) -> Callable[[E], R]:
    """Log each run of *handler* at INFO to the logger "typedbus", with its duration: a wrapper."""
    return _logged(handler)


@around
@contextmanager
def _logged(handler: str, event: object) -> Iterator[None]:
    # Imported here: most programs have logging by then, `import typedbus` need not pay for it.
    from logging import getLogger

    logger = getLogger("typedbus")
    event_type = name_of_class(type(event))
    began = perf_counter()
    try:
        yield
    except BaseException as error:
        elapsed = (perf_counter() - began) * 1000
        logger.info("%s raised %r on %s after %.1f ms", handler, error, event_type, elapsed)
        raise
    logger.info("%s handled %s in %.1f ms", handler, event_type, (perf_counter() - began) * 1000)


class _Finish:
    """The rest of a handler that turned out to be async, and of what is around it."""

    def __init__(self, stack: ExitStack, rest: Awaitable[object]) -> None:
        self._stack = stack
        self._rest = rest

    def __await__(self) -> Generator[Any, Any, object]:
        with self._stack:
            return (yield from self._rest.__await__())

    def close(self) -> None:
        """Give up: a bus that awaits nothing has refused it."""
        with self._stack:
            close = getattr(self._rest, "close", None)
            if close is not None:
                close()
