"""Steps: a coroutine that is awaited without a task of its own, in a context of its own."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import Context
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

_NOT_BEGUN: Final = object()


class Steps(Generic[T]):
    """Awaits a coroutine, each of its steps in a context that is not the awaiting task's.

    A task of its own would do that too, but the one awaiting would then be cancelled separately.
    *wanted* is what the coroutine waits for, if it has begun.
    """

    __slots__ = ("_context", "_coroutine", "_wanted")

    # Any: what a coroutine waits for is between it and the event loop.
    def __init__(
        self, context: Context, coroutine: Coroutine[Any, Any, T], wanted: object = _NOT_BEGUN
    ) -> None:
        self._context = context
        self._coroutine = coroutine
        self._wanted = wanted

    def __await__(self) -> Generator[Any, Any, T]:
        run, coroutine, wanted = self._context.run, self._coroutine, self._wanted
        try:
            if wanted is _NOT_BEGUN:
                wanted = run(coroutine.send, None)
            while True:
                try:
                    answer = yield wanted
                except GeneratorExit:
                    run(coroutine.close)
                    raise
                except BaseException as error:  # noqa: BLE001 - handed to the coroutine
                    wanted = run(coroutine.throw, error)
                else:
                    wanted = run(coroutine.send, answer)
        except StopIteration as end:
            result: T = end.value
            return result
