"""What both buses share: their root, their subscriptions, and the checks at the door."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Generic, get_args, get_origin

from typedbus.core.callables import AnyHandler, check_handler, name_of
from typedbus.core.delivered import delivery_of, equip, innermost, needs_envelope
from typedbus.core.dispatch import B_contra
from typedbus.core.errors import EventTypeError, NotAHandlerError
from typedbus.core.events import (
    check_carried,
    check_event,
    event_class,
    name_of_class,
)
from typedbus.core.policies import OnError, Policy, policy_for
from typedbus.core.subscriptions import Route, Subscription, Subscriptions
from typedbus.core.wrappers import Wrapper


class Registry(Generic[B_contra]):
    """Keeps the subscriptions of one bus and finds the way from an event to them."""

    _awaits: bool
    """Whether this kind of bus awaits what handlers return."""

    def __init__(
        self, root: type, *, on_error: OnError, wrap: Sequence[Wrapper], envelopes: bool
    ) -> None:
        _check_not_parametrised(type(self), root)
        self._root = event_class(root)
        self._policy: Policy = policy_for(on_error)
        self._wrap = tuple(wrap)
        self._envelopes = envelopes
        self._subscriptions = Subscriptions(self._arrange)
        self._routes = self._subscriptions.routes

    def subscriptions(self, event_type: type[object] | None = None, /) -> tuple[Subscription, ...]:
        """Return who listens, in order: to *event_type* and its bases, or to anything at all."""
        if event_type is None:
            return self._subscriptions.all()
        return self._subscriptions.reaching(event_class(event_type, self._root))

    def __repr__(self) -> str:
        heard = len(self._subscriptions.event_types())
        return (
            f"<{type(self).__name__} of {name_of_class(self._root)}: "
            f"{len(self._subscriptions)} subscriptions to {heard} event classes>"
        )

    def _arrange(self, subscriptions: tuple[Subscription, ...]) -> Route:
        """Return the route that calls *subscriptions*; each bus has its own way of calling."""
        raise NotImplementedError

    def _called_here(self, handler: AnyHandler) -> AnyHandler:
        """Return what `publish` calls for *handler*: nothing else than it expects comes out."""
        raise NotImplementedError

    def _check_callable_here(self, handler: AnyHandler, event_type: type) -> None:
        """Raise for a handler that this bus cannot call."""

    def _subscriber(
        self,
        event_type: type,
        via: Callable[[Any], Any] | None,
        *,
        once: bool,
        on_error: OnError | None,
        wrap: Sequence[Wrapper],
    ) -> Callable[[AnyHandler], Subscription]:
        """Return what subscribes a handler through *via*; refuse the event class right here."""
        check_carried(event_class(event_type, self._root), self._root, "subscribe a handler to")

        def subscribe(handler: AnyHandler) -> Subscription:
            check_handler(handler, name_of_class(event_type))
            delivered = handler if via is None else _stand_in(via, handler)
            return self._add(
                event_type,
                delivered,
                once=once,
                on_error=on_error,
                wrap=wrap,
                written=handler,
                delivery=delivery_of(delivered, via),
            )

        return subscribe

    def _add(
        self,
        event_type: type,
        handler: AnyHandler,
        *,
        once: bool,
        on_error: OnError | None,
        wrap: Sequence[Wrapper],
        written: AnyHandler | None = None,
        delivery: str | None = None,
    ) -> Subscription:
        """Subscribe *handler*, or raise and leave everything as it was.

        *written* is the function that a delivery has hidden in *handler*.
        """
        written = innermost(handler if written is None else written)
        event_class(event_type, self._root, name_of(written))
        check_handler(handler, name_of_class(event_type))
        check_carried(event_type, self._root, "subscribe", name_of(written))
        self._check_callable_here(handler, event_type)
        subscription = Subscription(
            event_type,
            written,
            delivery=delivery or delivery_of(handler),
            policy=None if on_error is None else policy_for(on_error),
            bus_policy=self._policy,
            awaited=self._awaits,
            cancel=self._subscriptions.remove,
        )
        call = equip(handler, subscription, _all_around((*self._wrap, *wrap)))
        subscription.call = self._called_here(_Once(subscription, call) if once else call)
        if needs_envelope(handler):
            self._write_envelopes()
        self._subscriptions.add(subscription)
        return subscription

    def _add_quietly(self, event_type: type, handler: AnyHandler) -> Subscription:
        """Subscribe a handler of our own, which no wrapper of the user's needs to see."""
        check_carried(event_class(event_type, self._root), self._root, "wait for")
        subscription = Subscription(
            event_type,
            handler,
            delivery="inline",
            policy=None,
            bus_policy=self._policy,
            awaited=self._awaits,
            cancel=self._subscriptions.remove,
        )
        subscription.call = self._called_here(handler)
        self._subscriptions.add(subscription)
        return subscription

    def _write_envelopes(self) -> None:
        if not self._envelopes:
            self._envelopes = True
            self._subscriptions.forget_all_routes()

    def _find_route(self, event: object) -> Route:
        check_event(event, self._root)
        return self._subscriptions.route(type(event))


class _Once:
    """Cancels its subscription and calls the handler, whoever comes first."""

    __slots__ = ("__wrapped__", "_subscription", "_taken")

    def __init__(self, subscription: Subscription, call: AnyHandler) -> None:
        self._subscription = subscription
        self.__wrapped__ = call
        self._taken = Lock()

    def __call__(self, event: object, /) -> object:
        # Two threads may both hold a route from before the cancellation: one gets the lock.
        if not self._taken.acquire(blocking=False):
            return None
        self._subscription.cancel()
        return self.__wrapped__(event)


def _stand_in(via: Callable[[Any], Any], handler: AnyHandler) -> AnyHandler:
    """Return what the delivery *via* puts on the bus for *handler*."""
    delivered: object = via(handler)
    if not callable(delivered):
        raise NotAHandlerError(
            repr(delivered),
            f"that is what the delivery {name_of(via)} made of {name_of(handler)}",
            "a delivery takes a handler and returns a handler",
        )
    return delivered


def _all_around(wrappers: Sequence[Wrapper]) -> Callable[[AnyHandler], AnyHandler]:
    """Return one wrapper that puts *wrappers* around a handler, the first outermost."""

    def wrap(handler: AnyHandler) -> AnyHandler:
        for wrapper in reversed(wrappers):
            wrapped: object = wrapper(handler)
            if not callable(wrapped):
                raise NotAHandlerError(
                    repr(wrapped),
                    f"that is what the wrapper {name_of(wrapper)} made of {name_of(handler)}",
                    "a wrapper takes a handler and returns a handler",
                )
            handler = wrapped
        return handler

    return wrap


def _check_not_parametrised(cls: type, root: type) -> None:
    """Refuse `Bus[ShopEvent]()`: at run time that is a bus of the default root.

    mypy accepts it. `typing` makes the call, so its frame is up there and knows the argument.
    """
    frame = sys._getframe(3)  # noqa: SLF001 - documented, and there is no other way to the caller
    alias = frame.f_locals.get("self")
    by_typing = frame.f_globals.get("__name__") == "typing" and get_origin(alias) is cls
    for argument in get_args(alias) if by_typing else ():
        if argument is root:
            continue
        name = getattr(argument, "__name__", repr(argument))
        raise EventTypeError(
            f"{cls.__name__}[{name}]()",
            "type arguments are gone at run time",
            f"write {cls.__name__}({name})",
        )
