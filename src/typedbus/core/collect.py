"""Publish now, release later: the delivery that the frameworks build on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Final, TypeVar

from typedbus.core.attempts import RunSync
from typedbus.core.deferred import Deferred
from typedbus.core.pending import AsyncPending, Collection, Pending, innermost_open
from typedbus.core.policies import OnError, policy_for

E = TypeVar("E")


class Collector:
    """A delivery whose handlers wait in a scope until the scope is released.

    Outside of any scope they run at once, so code that publishes need not know whether it runs in
    a request; async ones can do that on an `AsyncBus` only. A scope is inherited by the tasks and
    threads that are started inside it.
    """

    in_short = "scope"
    opened_async = "publish inside `async with`"
    current_async = None

    def __init__(self, name: str) -> None:
        self.name = name
        self._scope: ContextVar[Collection | None] = ContextVar(f"typedbus.{name}", default=None)

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that puts it into the open scope."""
        return Deferred(self, handler)

    def scope(self, *, on_error: OnError | None = None, run_sync: RunSync | None = None) -> Scope:
        """Return a scope to enter by `with`, or by `async with` if handlers may be async.

        Args:
            on_error: What happens when a handler fails that has no policy of its own; None
                leaves it to the policy of its bus.
            run_sync: Where an `async with` runs handlers that are not async; else in their turn
                on the event loop.
        """
        return Scope(self, on_error, run_sync)

    def current(self) -> Collection | None:
        """Return the innermost collection that is open here."""
        return innermost_open(self._scope.get())

    def enter(self, collection: Collection) -> Token[Collection | None]:
        """Collect into *collection* in this context, until `leave`."""
        return self._scope.set(collection)

    def leave(self, token: Token[Collection | None]) -> None:
        """Collect again as before `enter`."""
        self._scope.reset(token)

    def __repr__(self) -> str:
        return f"<delivery {self.name}>"


class Scope:
    """Collects while it is entered; released on the way out, dropped if that is by an error.

    Inside another scope of the same delivery it hands over what it collected, so the outermost
    releases everything.
    """

    def __init__(
        self, collector: Collector, on_error: OnError | None, run_sync: RunSync | None
    ) -> None:
        self._collector = collector
        self._policy = None if on_error is None else policy_for(on_error)
        self._run_sync = run_sync
        self._entered: list[tuple[Collection, Token[Collection | None]]] = []

    def __enter__(self) -> Pending:
        pending = Pending(self._collector.current(), self._policy)
        self._entered.append((pending, self._collector.enter(pending)))
        return pending

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pending = self._leave(error)
        if isinstance(pending, Pending):
            pending.release()

    async def __aenter__(self) -> AsyncPending:
        pending = AsyncPending(self._collector.current(), self._policy, self._run_sync)
        self._entered.append((pending, self._collector.enter(pending)))
        return pending

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pending = self._leave(error)
        if isinstance(pending, AsyncPending):
            await pending.release()

    def _leave(self, error: BaseException | None) -> Collection | None:
        """Close the scope; return the collection if it is to be released here and now."""
        pending, token = self._entered.pop()
        self._collector.leave(token)
        if error is not None:
            pending.drop()
            return None
        return None if pending.join_outer() else pending


collected: Final = Collector("collected")
"""The delivery whose handlers wait for the end of the `collect()` scope around the publisher."""


def collect(*, on_error: OnError | None = None) -> Scope:
    """Open a scope: handlers subscribed via `collected` run at its end, in order, isolated.

    An error that leaves the scope drops them. `with collect() as pending:` for handlers that do
    not wait, `async with collect() as pending:` for both kinds. A handler that fails is judged by
    its subscription's policy, else by *on_error*, else by the policy of its bus.
    """
    return collected.scope(on_error=on_error)
