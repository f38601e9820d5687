"""One handler, one event: call it, await it, and say what it raised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import Context
from functools import partial
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Final, TypeAlias

from typedbus.core.callables import AnyHandler, is_async, name_of
from typedbus.core.delivered import Delivered
from typedbus.core.errors import AsyncHandlerError, NotAHandlerError
from typedbus.core.steps import Steps

if TYPE_CHECKING:
    from typing_extensions import TypeIs

_CO_ITERABLE_COROUTINE: Final = 0x100
"""`inspect.CO_ITERABLE_COROUTINE`, without the import of inspect."""

RunSync: TypeAlias = Callable[[Callable[[], object]], Awaitable[object]]
"""Runs a function that may block, off the event loop, in a copy of the current context."""


def attempt(handler: AnyHandler, event: object) -> Exception | None:
    """Call *handler* with *event* and return what it raised, if it did."""
    try:
        result = handler(event)
        if result is not None:
            refuse_awaitable(result, handler)
    except Exception as error:  # noqa: BLE001 - returned
        return error
    return None


async def attempt_async(
    handler: AnyHandler, event: object, run_sync: RunSync | None = None
) -> Exception | None:
    """Call *handler* with *event*, await what it returns, and return what it raised.

    *run_sync* runs what may block elsewhere; a handler that is known to be async is called here.
    """
    try:
        if run_sync is None or is_async(handler):
            result = handler(event)
        else:
            result = await run_sync(partial(handler, event))
        refuse_generator(result, handler)
        if is_awaitable(result):
            await result
    except Exception as error:  # noqa: BLE001 - returned
        return error
    return None


def attempt_in(context: Context, handler: AnyHandler, event: object) -> Exception | None:
    """Do as `attempt`, in *context*."""
    return context.run(attempt, handler, event)


async def attempt_async_in(
    context: Context, handler: AnyHandler, event: object, run_sync: RunSync | None = None
) -> Exception | None:
    """Do as `attempt_async`, in *context* from the first step to the last."""
    return await Steps(context, attempt_async(handler, event, run_sync))


def refuse_awaitable(result: object, handler: AnyHandler) -> None:
    """Raise if *handler* returned something whose work nobody would do; let other results pass."""
    refuse_generator(result, handler)
    if not is_awaitable(result):
        return
    close = getattr(result, "close", None)
    if close is not None:
        close()  # it never started; without this, Python warns once more, without a name
    raise AsyncHandlerError(name_of(handler), *_why_not_awaited(handler))


def refuse_generator(result: object, handler: AnyHandler) -> None:
    """Raise if *handler* returned a generator, whose body nobody would run."""
    if is_awaitable(result):
        return
    if isinstance(result, GeneratorType | AsyncGeneratorType):
        raise NotAHandlerError(
            name_of(handler),
            "it returned a generator, so nothing of its body ran",
            "take out the yield",
        )


def is_awaitable(result: object) -> TypeIs[Awaitable[object]]:
    """Say whether *result* can stand behind `await`."""
    if hasattr(type(result), "__await__"):
        return True
    # Coroutines made of a generator by `types.coroutine`.
    return isinstance(result, GeneratorType) and bool(
        result.gi_code.co_flags & _CO_ITERABLE_COROUTINE
    )


def _why_not_awaited(handler: object) -> tuple[str, str]:
    while handler is not None and not isinstance(handler, Delivered):
        handler = getattr(handler, "__wrapped__", None)
    return handler.not_awaited if handler is not None else Delivered.not_awaited


class Refusing:
    """A handler that may return something, for a bus that awaits nothing."""

    __slots__ = ("__wrapped__",)

    def __init__(self, handler: AnyHandler) -> None:
        self.__wrapped__ = handler

    def __call__(self, event: object, /) -> None:
        """Call the handler, and raise if it returned an awaitable."""
        result = self.__wrapped__(event)
        if result is not None:
            refuse_awaitable(result, self.__wrapped__)


class Awaiting:
    """A handler that may return something to await, or nothing, for a bus that awaits all."""

    __slots__ = ("__wrapped__",)

    def __init__(self, handler: AnyHandler) -> None:
        self.__wrapped__ = handler

    async def __call__(self, event: object, /) -> None:
        """Call the handler, and await what it returned if that can be awaited."""
        result = self.__wrapped__(event)
        if result is not None:
            refuse_generator(result, self.__wrapped__)
            if is_awaitable(result):
                await result
