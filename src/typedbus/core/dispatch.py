"""publish: from an event to its handlers; sync and async side by side.

It is the loop that one would write by hand. The first handler that raises sends it down
the slow path, which asks the policies and goes on behind that handler.
"""

from typing import TYPE_CHECKING, Generic

from typedbus.core.attempts import attempt, attempt_async, is_awaitable, refuse_awaitable
from typedbus.core.callables import AnyHandler
from typedbus.core.events import Event
from typedbus.core.policies import Failure, Failures, Policy
from typedbus.core.subscriptions import Route

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    B_contra = TypeVar("B_contra", contravariant=True, default=Event)
else:
    # Only type checkers read the default, and typing_extensions takes longer to import than all
    # of typedbus.
    from typing import TypeVar

    B_contra = TypeVar("B_contra", contravariant=True)


class Dispatcher(Generic[B_contra]):
    """Publishes to handlers that do not wait."""

    _routes: dict[type, Route]
    _policy: Policy

    def publish(self, event: B_contra, /) -> None:
        """Deliver *event* to every subscription to its class and its base classes, in order.

        Raises `NotAnEventError` or `EventOutsideError` for what the bus does not carry, and what
        the error policy makes of handlers that fail: by default one `HandlersFailedError` after
        all of them have run.
        """
        try:
            route = self._routes[type(event)]
        except KeyError:
            route = self._find_route(event)
        try:
            for call in route:
                result = call(event)
                if result is not None:
                    refuse_awaitable(result, call)
        except Exception as error:  # noqa: BLE001 - the policies judge it
            raised = error
        else:
            return
        # Outside of the except clause, or every later error would claim to come of this one.
        try:
            _go_on(route, call, event, raised, self._policy)  # type: ignore[possibly-undefined]  # it raised
        finally:
            del raised  # the error holds this frame, the frame must not hold the error

    def _find_route(self, event: object) -> Route:
        raise NotImplementedError


class AsyncDispatcher(Generic[B_contra]):
    """Publishes to handlers that are awaited if there is something to await."""

    _routes: dict[type, Route]
    _policy: Policy

    async def publish(self, event: B_contra, /) -> None:
        """Deliver *event* to every subscription to its class and its base classes, in order.

        Raises `NotAnEventError` or `EventOutsideError` for what the bus does not carry, and what
        the error policy makes of handlers that fail: by default one `HandlersFailedError` after
        all of them have run. Cancellation passes through at once.
        """
        try:
            route = self._routes[type(event)]
        except KeyError:
            route = self._find_route(event)
        result = None
        try:
            for call in route:
                result = call(event)
                if result is not None:
                    await result
        except Exception as error:  # noqa: BLE001 - the policies judge it
            # A result that was none to await is no failure of the handler: it is passed over.
            raised = error if is_awaitable(result) else None
        else:
            return
        try:
            await _go_on_async(route, call, event, raised, self._policy)  # type: ignore[possibly-undefined]  # it raised
        finally:
            del raised

    def _find_route(self, event: object) -> Route:
        raise NotImplementedError


def deliver(route: Route, event: object, failures: Failures, first: int = 0) -> None:
    """Call what stands on *route* from the place *first* on, whatever fails; then settle."""
    stopped = False
    try:
        for place in range(first, len(route)):
            error = attempt(route[place], event)
            if error is not None:
                stopped = failures.judge(Failure(event, error, route.subscriptions[place]))
            if stopped:
                break
    except BaseException as stop:
        failures.mention_in(stop)
        raise
    failures.settle(stopped=stopped)


async def deliver_async(route: Route, event: object, failures: Failures, first: int = 0) -> None:
    """Call what stands on *route* from the place *first* on, whatever fails; then settle."""
    stopped = False
    try:
        for place in range(first, len(route)):
            error = await attempt_async(route[place], event)
            if error is not None:
                stopped = failures.judge(Failure(event, error, route.subscriptions[place]))
            if stopped:
                break
    except BaseException as stop:
        failures.mention_in(stop)
        raise
    failures.settle(stopped=stopped)


def _go_on(route: Route, call: AnyHandler, event: object, error: Exception, policy: Policy) -> None:
    """Judge the *error* that *call* raised on *route*, then deliver to those behind it."""
    if not route.subscriptions:
        raise error
    failures = Failures(policy)
    place = route.place_of(call)
    if failures.judge(Failure(event, error, route.subscriptions[place])):
        failures.settle(stopped=True)
    deliver(route, event, failures, place + 1)


async def _go_on_async(
    route: Route, call: AnyHandler, event: object, error: Exception | None, policy: Policy
) -> None:
    """Judge the *error* that *call* raised on *route*, then deliver to those behind it."""
    if error is not None and not route.subscriptions:
        raise error
    failures = Failures(policy)
    place = route.place_of(call)
    if error is not None and failures.judge(Failure(event, error, route.subscriptions[place])):
        failures.settle(stopped=True)
    await deliver_async(route, event, failures, place + 1)
