"""A handler in the hands of a delivery: what the deliveries of this package return."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from typedbus.core.callables import AnyHandler, check_handler, name_of
from typedbus.core.policies import Policy
from typedbus.core.subscriptions import Subscription


class Delivered:
    """Stands in for a handler on the bus and decides when and where it runs.

    A subclass says in `__call__` what happens to an event on publish. Being subscribed, it is
    told its subscription, and wrappers of the bus go around the handler itself, not around its
    delivery: what a wrapper times is the handler's run, not the moment of putting it in a queue.
    """

    __slots__ = ("_subscription", "handler")

    delivery: str = "delivered"
    """What `Subscription.delivery` says of it."""
    not_awaited: tuple[str, str] = (
        "it returned an awaitable, and a Bus awaits nothing",
        "subscribe it to an AsyncBus, or through a delivery that awaits",
    )
    """What a bus that awaits nothing says of an awaitable out of `__call__`: problem, remedy."""
    needs_envelope: bool = True
    """Whether the bus writes an envelope for what it hands over."""

    def __init__(self, handler: AnyHandler, /) -> None:
        check_handler(innermost(handler))
        self.handler = handler
        self._subscription: Subscription | None = None

    def __call__(self, event: Any, /) -> Any:
        """Take *event* in: the bus calls this on publish."""
        raise NotImplementedError

    def subscribed(
        self, subscription: Subscription, wrap: Callable[[AnyHandler], AnyHandler], /
    ) -> Self:
        """Return a copy that belongs to *subscription*, its handler wrapped."""
        from copy import copy  # imported by whoever subscribes, not by `import typedbus`

        mine = copy(self)
        mine.handler = equip(self.handler, subscription, wrap)
        mine._subscription = subscription  # noqa: SLF001 - a copy of this very object
        return mine

    @property
    def __wrapped__(self) -> AnyHandler:
        """The handler, where `inspect` and our own messages look for what somebody wrote."""
        return self.handler

    @property
    def name(self) -> str:
        """The handler's name, such as "shop.mail.send_welcome"."""
        return self._subscription.name if self._subscription else name_of(self.handler)

    @property
    def event_type(self) -> type:
        """The class subscribed to; `object` for a handler that no bus holds."""
        return self._subscription.event_type if self._subscription else object

    @property
    def policy(self) -> Policy | None:
        """The error policy of the subscription; None leaves it to the delivery."""
        return self._subscription.policy if self._subscription else None

    @property
    def bus_policy(self) -> Policy | None:
        """The error policy of the bus, for deliveries that leave it to the bus."""
        return self._subscription.bus_policy if self._subscription else None

    @property
    def awaited(self) -> bool:
        """Whether the bus awaits what `__call__` returns; a handler that no bus holds is not."""
        return self._subscription is not None and self._subscription.awaited

    def __repr__(self) -> str:
        return f"<{self.delivery} {self.name}>"


def equip(
    handler: AnyHandler,
    subscription: Subscription,
    wrap: Callable[[AnyHandler], AnyHandler],
    /,
) -> AnyHandler:
    """Return what the bus calls for *handler*: wrapped, and its deliveries told whose it is."""
    if isinstance(handler, Delivered):
        return handler.subscribed(subscription, wrap)
    return wrap(handler)


def innermost(handler: AnyHandler) -> AnyHandler:
    """Return the handler that somebody wrote, out of its deliveries."""
    while isinstance(handler, Delivered):
        handler = handler.handler
    return handler


def delivery_of(handler: AnyHandler, via: object = None) -> str:
    """Return what the delivery around *handler* calls itself, *via* being one of the user's."""
    if isinstance(handler, Delivered):
        return handler.delivery
    return "inline" if via is None else name_of(via).rpartition(".")[2]


def needs_envelope(handler: AnyHandler) -> bool:
    """Say whether the bus is to write an envelope for what *handler* is called with."""
    return isinstance(handler, Delivered) and handler.needs_envelope
