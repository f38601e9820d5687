"""Bus: subscribe to event classes, publish their instances; nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from typedbus.core.arrangements import in_order, in_publication
from typedbus.core.attempts import Refusing
from typedbus.core.callables import AnyHandler, is_async, name_of, returns_nothing
from typedbus.core.deliveries import DeliveryFor, DeliveryOf, SyncDeliveryOf
from typedbus.core.dispatch import B_contra, Dispatcher
from typedbus.core.errors import AsyncHandlerError
from typedbus.core.events import Event, name_of_class
from typedbus.core.handlers import AsyncRegistrar, E, Registrar
from typedbus.core.policies import OnError
from typedbus.core.registry import Registry
from typedbus.core.subscriptions import Route, Subscription, route_through, route_to
from typedbus.core.wrappers import Wrapper


class Bus(Registry[B_contra], Dispatcher[B_contra]):
    """Carries events of one root class to handlers that do not wait.

    `Bus(ShopEvent)` carries `ShopEvent` and its subclasses, `Bus()` every `Event`; any class can
    be the root. Subscribing and publishing are safe from any thread.

    Args:
        root: The class that every event of this bus inherits from.
        on_error: What happens when a handler raises: "collect" (the default), "raise", "log", or
            a function from `Failure` to `Decision`.
        wrap: Wrappers around every handler, the first outermost.
        envelopes: Write an envelope for every publish, so that `current_envelope()` answers in
            inline handlers too. Deliveries that need one turn this on by themselves.
    """

    _awaits = False

    @overload
    def __init__(
        self: Bus[Event],
        /,
        *,
        on_error: OnError = "collect",
        wrap: Sequence[Wrapper] = (),
        envelopes: bool = False,
    ) -> None: ...
    @overload
    def __init__(
        self,
        root: type[B_contra],
        /,
        *,
        on_error: OnError = "collect",
        wrap: Sequence[Wrapper] = (),
        envelopes: bool = False,
    ) -> None: ...
    def __init__(
        self,
        root: type[Any] = Event,
        /,
        *,
        on_error: OnError = "collect",
        wrap: Sequence[Wrapper] = (),
        envelopes: bool = False,
    ) -> None:
        super().__init__(root, on_error=on_error, wrap=wrap, envelopes=envelopes)

    def subscribe(
        self,
        event_type: type[E],
        handler: Callable[[E], None],
        /,
        *,
        once: bool = False,
        on_error: OnError | None = None,
        wrap: Sequence[Wrapper] = (),
    ) -> Subscription:
        """Call *handler* with every event of *event_type* and its subclasses, until cancelled.

        Args:
            event_type: The class of the events; it must be one that the bus carries.
            handler: Any callable that takes one event and returns nothing.
            once: Cancel before the first call.
            on_error: An error policy for this handler alone.
            wrap: Wrappers for this handler alone, inside those of the bus.

        Raises:
            EventTypeError: *event_type* is no class that events can have.
            EventOutsideError: The bus does not carry *event_type*.
            NotAHandlerError: *handler* cannot be called with one event.
            AsyncHandlerError: *handler* is async, and a `Bus` awaits nothing.
        """
        return self._add(event_type, handler, once=once, on_error=on_error, wrap=wrap)

    @overload
    def on(
        self,
        event_type: type[E],
        /,
        *,
        via: None = ...,
        once: bool = ...,
        on_error: OnError | None = ...,
        wrap: Sequence[Wrapper] = ...,
    ) -> Registrar[E]: ...
    @overload
    def on(  # type: ignore[overload-overlap]  # as below
        self,
        event_type: type[E],
        /,
        *,
        via: DeliveryFor[E],
        once: bool = ...,
        on_error: OnError | None = ...,
        wrap: Sequence[Wrapper] = ...,
    ) -> AsyncRegistrar[E]: ...
    @overload
    def on(  # type: ignore[overload-overlap]  # a Delivery is a SyncDelivery that takes more
        self,
        event_type: type[E],
        /,
        *,
        via: DeliveryOf[E],
        once: bool = ...,
        on_error: OnError | None = ...,
        wrap: Sequence[Wrapper] = ...,
    ) -> AsyncRegistrar[E]: ...
    @overload
    def on(
        self,
        event_type: type[E],
        /,
        *,
        via: SyncDeliveryOf[E],
        once: bool = ...,
        on_error: OnError | None = ...,
        wrap: Sequence[Wrapper] = ...,
    ) -> Registrar[E]: ...
    def on(
        self,
        event_type: type[E],
        /,
        *,
        via: DeliveryFor[E] | DeliveryOf[E] | SyncDeliveryOf[E] | None = None,
        once: bool = False,
        on_error: OnError | None = None,
        wrap: Sequence[Wrapper] = (),
    ) -> Registrar[E] | AsyncRegistrar[E]:
        """Subscribe the function below: `@bus.on(UserCreated)`. The function stays itself.

        *via* is a delivery that decides when and where it runs; the rest as for `subscribe`.
        """
        return AsyncRegistrar(
            self._subscriber(event_type, via, once=once, on_error=on_error, wrap=wrap)
        )

    def _arrange(self, subscriptions: tuple[Subscription, ...]) -> Route:
        route = route_to(subscriptions)
        if not route or not self._envelopes:
            return route
        return route_through(in_publication(in_order(route, self._policy)))

    def _called_here(self, handler: AnyHandler) -> AnyHandler:
        return handler if returns_nothing(handler) else Refusing(handler)

    def _check_callable_here(self, handler: AnyHandler, event_type: type) -> None:
        if is_async(handler):
            raise AsyncHandlerError(
                name_of(handler),
                "it is async, and a Bus awaits nothing",
                "subscribe it to an AsyncBus, or through a delivery that awaits",
                name_of_class(event_type),
            )
