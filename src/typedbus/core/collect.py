"""Publish now, release later: the delivery that the frameworks build on."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextvars import Context, ContextVar, Token, copy_context
from threading import Lock
from types import TracebackType
from typing import Any, Final, NamedTuple, TypeVar

from typedbus.core.attempts import RunSync, attempt_async_in, attempt_in
from typedbus.core.callables import AnyHandler, is_async
from typedbus.core.delivered import Delivered
from typedbus.core.errors import AsyncHandlerError
from typedbus.core.events import name_of_class
from typedbus.core.policies import Failure, Failures, OnError, Policy, policy_for

E = TypeVar("E")


class Collector:
    """A delivery whose handlers wait in a scope until the scope is released.

    Outside of any scope they run at once, so code that publishes need not know whether it runs in
    a request; async ones can do that on an `AsyncBus` only. A scope is inherited by the tasks and
    threads that are started inside it.
    """

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self._scope: ContextVar[Collection | None] = ContextVar(f"typedbus.{name}", default=None)

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that puts it into the open scope."""
        return _Collected(self, handler)

    def scope(self, *, on_error: OnError | None = None, run_sync: RunSync | None = None) -> "Scope":
        """Return a scope to enter by `with`, or by `async with` if handlers may be async.

        Args:
            on_error: What happens when a handler fails that has no policy of its own; None
                leaves it to the policy of its bus.
            run_sync: Where an `async with` runs handlers that are not async; else in their turn
                on the event loop.
        """
        return Scope(self, on_error, run_sync)

    def collection(self) -> "Collection | None":
        """Return the innermost collection that is open here."""
        collection = self._scope.get()
        while collection is not None and not collection.open:
            collection = collection.outer
        return collection

    def enter(self, collection: "Collection") -> "Token[Collection | None]":
        """Collect into *collection* in this context, until `leave`."""
        return self._scope.set(collection)

    def leave(self, token: "Token[Collection | None]") -> None:
        """Collect again as before `enter`."""
        self._scope.reset(token)

    def __repr__(self) -> str:
        return f"<delivery {self.name}>"


class Collection:
    """What one scope has collected: handlers, each with the event it is to be called with.

    Iterate to see them, as "shop.mail.send_welcome on shop.events.UserCreated". A handler that
    publishes while it is being released adds to the end and is served in the same release.
    """

    awaits: bool
    """Whether releasing it can await handlers."""

    def __init__(self, outer: "Collection | None", policy: Policy | None) -> None:
        self.outer: Final = outer
        self._policy = policy
        self._calls = deque[_Call]()
        self._open = True
        self._lock = Lock()

    @property
    def open(self) -> bool:
        """Whether it still collects; when it was released or dropped, handlers run at once."""
        return self._open

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[str]:
        return iter([str(call) for call in tuple(self._calls)])

    @property
    def events(self) -> tuple[object, ...]:
        """The events that wait, one for each handler, in the order of their release."""
        return tuple(call.event for call in tuple(self._calls))

    def drop(self) -> None:
        """Forget what was collected, and collect nothing more."""
        with self._lock:
            self._open = False
            self._calls.clear()

    def _put(self, call: "_Call") -> bool:
        """Take *call* in; return False if this was closed meanwhile."""
        with self._lock:
            if self._open:
                self._calls.append(call)
            return self._open

    def _first(self) -> "_Call | None":
        """Take the oldest call out; closes, for good, when there is none."""
        with self._lock:
            self._open = bool(self._calls)
            return self._calls.popleft() if self._open else None

    def _join_outer(self) -> bool:
        """Hand everything to the scope around this one, if there is one that can release it."""
        outer = self.outer
        if outer is None or not outer.open or (self.awaits and not outer.awaits):
            return False
        while (call := self._first()) is not None:
            if not outer._put(call):
                self._open = True
                self._calls.appendleft(call)
                return False
        return True

    def _mention_left(self, stop: BaseException) -> None:
        if self._calls:
            stop.add_note(f"not released: {', '.join(self)}")


class Pending(Collection):
    """What a `with` has collected and not yet released."""

    awaits = False

    def release(self) -> None:
        """Run what was collected, in order, whatever fails; then collect nothing more.

        Raises what the error policies make of failures: by default one `HandlersFailedError`.
        """
        failures = Failures(self._policy)
        stopped = False
        try:
            while not stopped and (call := self._first()) is not None:
                error = attempt_in(call.context, call.delivered.handler, call.event)
                if error is not None:
                    stopped = failures.judge(Failure(call.event, error, call.delivered))
            failures.settle(stopped=stopped)
        except BaseException as stop:
            self._mention_left(stop)
            raise


class AsyncPending(Collection):
    """What an `async with` has collected and not yet released."""

    awaits = True

    def __init__(
        self, outer: Collection | None, policy: Policy | None, run_sync: RunSync | None
    ) -> None:
        super().__init__(outer, policy)
        self._run_sync = run_sync

    async def release(self) -> None:
        """Run what was collected, in order, whatever fails; then collect nothing more.

        Raises what the error policies make of failures: by default one `HandlersFailedError`.
        """
        failures = Failures(self._policy)
        stopped = False
        try:
            while not stopped and (call := self._first()) is not None:
                error = await attempt_async_in(
                    call.context, call.delivered.handler, call.event, self._run_sync
                )
                if error is not None:
                    stopped = failures.judge(Failure(call.event, error, call.delivered))
            failures.settle(stopped=stopped)
        except BaseException as stop:
            self._mention_left(stop)
            raise


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
        pending = Pending(self._collector.collection(), self._policy)
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
        pending = AsyncPending(self._collector.collection(), self._policy, self._run_sync)
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
        return None if pending._join_outer() else pending


class _Call(NamedTuple):
    """One handler to be run, with its event, in the context of the publisher."""

    delivered: "_Collected"
    event: object
    context: Context

    def __str__(self) -> str:
        return f"{self.delivered.name} on {name_of_class(type(self.event))}"


class _Collected(Delivered):
    __slots__ = ("_collector", "delivery", "not_awaited")

    def __init__(self, collector: Collector, handler: AnyHandler) -> None:
        super().__init__(handler)
        self._collector = collector
        self.delivery = collector.name
        self.not_awaited = (
            f"it is async, and no scope of {collector.name!r} is open here to await it",
            "publish where one is open, or on an AsyncBus",
        )

    def __call__(self, event: Any, /) -> Any:
        collection = self._collector.collection()
        if collection is None:
            return self.handler(event)
        if not collection.awaits and is_async(self.handler):
            raise AsyncHandlerError(
                self.name,
                "it is async, and a plain `with` releases this scope",
                "publish inside `async with`",
            )
        if collection._put(_Call(self, event, copy_context())):
            return None
        return self(event)


collected: Final = Collector("collected")
"""The delivery whose handlers wait for the end of the `collect()` scope around the publisher."""


def collect(*, on_error: OnError | None = None) -> Scope:
    """Open a scope: handlers subscribed via `collected` run at its end, in order, isolated.

    An error that leaves the scope drops them. `with collect() as pending:` for handlers that do
    not wait, `async with collect() as pending:` for both kinds. A handler that fails is judged by
    its subscription's policy, else by *on_error*, else by the policy of its bus.
    """
    return collected.scope(on_error=on_error)
