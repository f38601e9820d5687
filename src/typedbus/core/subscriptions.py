"""Who listens to what, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, count
from threading import RLock
from types import TracebackType
from typing import Any, Final, Self

from typedbus.core.callables import AnyHandler, name_of, place_of
from typedbus.core.events import descendants, name_of_class
from typedbus.core.policies import Policy


class Subscription:
    """One handler, subscribed to one event class of one bus.

    Cancel it with `cancel()`, or use it as a context manager that cancels on the way out.
    """

    __slots__ = (
        "_cancel",
        "awaited",
        "bus_policy",
        "call",
        "delivery",
        "event_type",
        "handler",
        "order",
        "policy",
    )

    event_type: Final[type]
    """The class whose instances, subclasses included, the handler receives."""
    handler: Final[AnyHandler]
    """The very object that was subscribed, before any delivery or wrapper."""
    delivery: Final[str]
    """When and where the handler runs: "inline", or what its delivery calls itself."""
    policy: Final[Policy | None]
    """The error policy of this subscription; None leaves it to the delivery, or to the bus."""
    bus_policy: Final[Policy]
    """The error policy of the bus."""
    awaited: Final[bool]
    """Whether the bus awaits what the handler returns."""

    def __init__(
        self,
        event_type: type,
        handler: AnyHandler,
        *,
        delivery: str,
        policy: Policy | None,
        bus_policy: Policy,
        awaited: bool,
        cancel: Callable[[Subscription], None],
    ) -> None:
        self.event_type = event_type
        self.handler = handler
        self.delivery = delivery
        self.policy = policy
        self.bus_policy = bus_policy
        self.awaited = awaited
        self.order = -1
        """The place among all subscriptions of the bus; below zero while it is none of them."""
        self.call: AnyHandler = handler
        """What the bus calls: the handler with its wrappers and its delivery around it."""
        self._cancel = cancel

    @property
    def name(self) -> str:
        """The handler's name, such as "shop.mail.send_welcome"."""
        return name_of(self.handler)

    @property
    def module(self) -> str | None:
        """The module in which the handler was written, where Python knows it."""
        place = place_of(self.handler)
        return place[0] if place else None

    @property
    def line(self) -> int | None:
        """The line on which the handler was written, where Python knows it."""
        place = place_of(self.handler)
        return place[1] if place else None

    @property
    def active(self) -> bool:
        """Whether the next publish calls the handler."""
        return self.order >= 0

    def cancel(self) -> None:
        """Call the handler no more from the next publish on; cancelling twice is fine."""
        self._cancel(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()

    def __repr__(self) -> str:
        place = place_of(self.handler)
        where = f" ({place[0]}:{place[1]})" if place else ""
        state = "" if self.active else ", cancelled"
        return (
            f"<Subscription of {self.name}{where} to {name_of_class(self.event_type)}, "
            f"{self.delivery}{state}>"
        )


class Route(tuple[AnyHandler, ...]):
    """What one publish calls, in order; a snapshot that nothing changes any more.

    No object stands in it twice, so that the one that raised tells its place.
    """

    subscriptions: tuple[Subscription, ...]
    """Whose calls they are, in the same order; empty where one call stands for all of them."""

    def place_of(self, call: AnyHandler) -> int:
        """Return the place of *call*, which stands here once."""
        return next(place for place, each in enumerate(self) if each is call)


def route_to(subscriptions: tuple[Subscription, ...]) -> Route:
    """Return the route that calls *subscriptions* in their order."""
    route = Route(_told_apart([each.call for each in subscriptions]))
    route.subscriptions = subscriptions
    return route


def route_through(call: AnyHandler) -> Route:
    """Return the route on which *call* stands for a whole delivery and settles its failures."""
    route = Route((call,))
    route.subscriptions = ()
    return route


class Subscriptions:
    """The subscriptions of one bus, in the order in which they were made.

    An event reaches the subscriptions to its own class and to every base class of it, in that
    order. Each change makes the routes that it touches anew and leaves the old ones as they
    are, so a publish under way never sees it, and publishing takes no lock.
    """

    def __init__(self, arrange: Callable[[tuple[Subscription, ...]], Route]) -> None:
        self.routes: dict[type, Route] = {}
        """The route of each class that was published, until a change makes it stale."""
        self._arrange = arrange
        self._to: dict[type, list[Subscription]] = {}
        self._orders = count()
        # Re-entrant: a garbage collection may run `__del__` methods that cancel, at any line. So
        # what is read under the lock is read again if the version has changed meanwhile.
        self._lock = RLock()
        self._version = 0

    def add(self, subscription: Subscription) -> None:
        """Put *subscription* behind all others."""
        with self._lock:
            subscription.order = next(self._orders)
            self._to.setdefault(subscription.event_type, []).append(subscription)
            self._forget_routes(subscription.event_type)

    def remove(self, subscription: Subscription) -> None:
        """Forget *subscription*; forgetting it twice is fine."""
        with self._lock:
            if not subscription.active:
                return
            subscription.order = -1
            # The list stays, though it be empty: somebody may be about to append to it.
            self._to[subscription.event_type].remove(subscription)
            self._forget_routes(subscription.event_type)

    def reaching(self, event_type: type) -> tuple[Subscription, ...]:
        """Return the subscriptions that an instance of *event_type* reaches, in order."""
        return self._in_order(lambda: [self._to.get(base, ()) for base in event_type.__mro__])

    def all(self) -> tuple[Subscription, ...]:
        """Return every subscription, in order."""
        return self._in_order(lambda: list(self._to.values()))

    def route(self, event_type: type) -> Route:
        """Return the route to *event_type*'s subscriptions, and keep it until a change."""
        with self._lock:
            while True:
                version = self._version
                route = self.routes[event_type] = self._arrange(self.reaching(event_type))
                if version == self._version:
                    return route

    def forget_all_routes(self) -> None:
        """Make every route anew at its next publish."""
        with self._lock:
            self._version += 1
            self.routes.clear()

    def event_types(self) -> tuple[type, ...]:
        """Return the classes that somebody subscribed to."""
        with self._lock:
            return tuple(event_type for event_type, listed in self._to.items() if listed)

    def __len__(self) -> int:
        with self._lock:
            return sum(map(len, self._to.values()))

    def _in_order(
        self, find: Callable[[], Sequence[Iterable[Subscription]]]
    ) -> tuple[Subscription, ...]:
        """Return what *find* finds, in the order of subscription."""
        with self._lock:
            while True:
                version = self._version
                found = sorted(chain.from_iterable(find()), key=lambda each: each.order)
                if version == self._version:
                    return tuple(found)

    def _forget_routes(self, event_type: type) -> None:
        self._version += 1
        if len(self.routes) <= 8:
            self.routes.clear()
            return
        for each in descendants(event_type):
            self.routes.pop(each, None)


def _told_apart(calls: list[Any]) -> list[Any]:
    """Give each call that stands more than once an object of its own each time."""
    seen = set[int]()
    for place, call in enumerate(calls):
        if id(call) in seen:
            calls[place] = _Again(call)
        seen.add(id(call))
    return calls


class _Again:
    """The same handler, subscribed once more."""

    __slots__ = ("__wrapped__",)

    def __init__(self, call: AnyHandler) -> None:
        self.__wrapped__ = call

    def __call__(self, event: object, /) -> object:
        return self.__wrapped__(event)
