"""in_thread: blocking handlers on an AsyncBus, off the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from typedbus.core.attempts import attempt
from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.delivered import Delivered
from typedbus.core.errors import NotAHandlerError
from typedbus.core.loops import running_loop

E = TypeVar("E")


def in_thread(handler: Callable[[E], None], /) -> Callable[[E], Awaitable[None]]:
    """Run a blocking sync handler in a worker thread; it is awaited in its turn.

    The thread sees the context of the publisher. It cannot be interrupted: a publisher that is
    cancelled meanwhile waits for the handler's end, then goes.
    """
    return _InThread(handler)


class _InThread(Delivered):
    __slots__ = ()

    delivery = "in thread"
    needs_envelope = False

    def __init__(self, handler: AnyHandler, /) -> None:
        super().__init__(handler)
        if is_async(handler):
            raise NotAHandlerError(
                name_of(handler), "it is async, so it blocks nothing", "leave out in_thread"
            )

    async def __call__(self, event: Any, /) -> None:
        error = await running_loop().in_thread(partial(attempt, self.handler, event))
        if error is not None:
            raise error
