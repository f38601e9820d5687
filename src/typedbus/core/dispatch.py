"""publish: from an event to its handlers; sync and async side by side.

It is the loop that one would write by hand: what stands on a route returns nothing on a `Bus`, and
an awaitable on an `AsyncBus`, so the loop has nothing to look at (`attempts.py` makes it so). The
first handler that raises sends it down the slow path, which asks the policies and goes on behind
that handler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from typedbus.core.attempts import attempt, attempt_async
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
                call(event)
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
        try:
            for call in route:
                await call(event)
        except Exception as error:  # noqa: BLE001 - the policies judge it
            raised = error
        else:
            return
        try:
            await _go_on_async(route, call, event, raised, self._policy)  # type: ignore[possibly-undefined]  # it raised
        finally:
            del raised

    def _find_route(self, event: object) -> Route:
        raise NotImplementedError


def _deliver_rest(route: Route, event: object, failures: Failures, first: int) -> None:
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


async def _deliver_rest_async(route: Route, event: object, failures: Failures, first: int) -> None:
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
    _deliver_rest(route, event, failures, place + 1)


async def _go_on_async(
    route: Route, call: AnyHandler, event: object, error: Exception, policy: Policy
) -> None:
    """Judge the *error* that *call* raised on *route*, then deliver to those behind it."""
    if not route.subscriptions:
        raise error
    failures = Failures(policy)
    place = route.place_of(call)
    if failures.judge(Failure(event, error, route.subscriptions[place])):
        failures.settle(stopped=True)
    await _deliver_rest_async(route, event, failures, place + 1)
