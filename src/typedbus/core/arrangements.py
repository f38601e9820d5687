"""Ways to deliver one event that are more than a loop: one call that stands for a whole route."""

from __future__ import annotations

from collections import defaultdict

from typedbus.core.attempts import attempt_async
from typedbus.core.callables import AnyHandler
from typedbus.core.dispatch import AsyncDispatcher, Dispatcher
from typedbus.core.envelope import publish_begins, publish_ends
from typedbus.core.loops import running_loop
from typedbus.core.policies import Failure, Failures, Policy
from typedbus.core.subscriptions import Route


def in_order(route: Route, policy: Policy) -> AnyHandler:
    """Return one call for all of *route*: one after the other."""
    return _OnOneRoute(route, policy).publish


def in_order_async(route: Route, policy: Policy) -> AnyHandler:
    """Return one call for all of *route*: one after the other."""
    return _OnOneRouteAsync(route, policy).publish


def at_once(route: Route, policy: Policy, limit: int) -> AnyHandler:
    """Return one call for all of *route*: *limit* of them at a time, begun in order."""

    async def deliver_at_once(event: object) -> None:
        await _AtOnce(route, event, policy).deliver(limit)

    return deliver_at_once


def in_publication(call: AnyHandler) -> AnyHandler:
    """Return *call* with its event as the one being handled, so that it has an envelope."""

    def deliver_in_publication(event: object) -> None:
        token = publish_begins(event)
        try:
            call(event)
        finally:
            publish_ends(token)

    return deliver_in_publication


def in_publication_async(call: AnyHandler) -> AnyHandler:
    """Return *call* with its event as the one being handled, so that it has an envelope."""

    async def deliver_in_publication(event: object) -> None:
        token = publish_begins(event)
        try:
            await call(event)
        finally:
            publish_ends(token)

    return deliver_in_publication


class _OnOneRoute(Dispatcher[object]):
    """Publishes every event on the same route."""

    def __init__(self, route: Route, policy: Policy) -> None:
        self._routes = defaultdict(lambda: route)
        self._policy = policy


class _OnOneRouteAsync(AsyncDispatcher[object]):
    """Publishes every event on the same route."""

    def __init__(self, route: Route, policy: Policy) -> None:
        self._routes = defaultdict(lambda: route)
        self._policy = policy


class _AtOnce:
    """One delivery in which several handlers run at a time."""

    def __init__(self, route: Route, event: object, policy: Policy) -> None:
        self._route = route
        self._event = event
        self._failures = Failures(policy)
        # What others raise when it is over already: told, but it does not change what is raised.
        self._meanwhile = Failures(policy)
        self._places = iter(range(len(route)))
        self._stop: BaseException | None = None
        self._stopped = False

    async def deliver(self, limit: int) -> None:
        """Run the handlers, *limit* at a time; then settle."""
        self._loop = running_loop()
        try:
            async with self._loop.task_group() as self._group:
                for _ in range(limit):
                    self._group.start_soon(self._work)
        except BaseException as stop:  # noqa: BLE001 - raised below
            self._stop = stop
        if self._stop is not None:
            self._failures.mention_in(self._stop)
            self._meanwhile.mention_in(self._stop, "meanwhile")
            raise self._stop
        try:
            self._failures.settle(stopped=self._stopped)
        except Exception as error:
            self._meanwhile.mention_in(error, "meanwhile")
            raise

    async def _work(self) -> None:
        """Take the next handler as long as there is one."""
        for place in self._places:
            if self._is_over():
                return  # cancelled too, but that shows only where something waits
            try:
                error = await attempt_async(self._route[place], self._event)
            except BaseException as stop:
                self._end(stop)
                # A task group swallows the cancellation of a child, trio must see it.
                if isinstance(stop, self._loop.cancelled):
                    raise
                return
            if error is None:
                continue
            failure = Failure(self._event, error, self._route.subscriptions[place])
            if self._is_over():
                self._meanwhile.judge(failure)
            elif self._failures.judge(failure):
                self._stopped = True
                self._group.cancel()

    def _is_over(self) -> bool:
        return self._stopped or self._stop is not None

    def _end(self, stop: BaseException) -> None:
        """Remember the first thing that ends everything, unless a policy has ended it before."""
        if not self._is_over():
            self._stop = stop
            self._group.cancel()
