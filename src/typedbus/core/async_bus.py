"""AsyncBus: subscribe to event classes, publish their instances, await the handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Literal, overload

from typedbus.core.arrangements import at_once, in_order_async, in_publication_async
from typedbus.core.attempts import Awaiting
from typedbus.core.callables import AnyHandler, is_async
from typedbus.core.deliveries import AsyncDeliveryOf, BlockingDeliveryOf, DeliveryFor
from typedbus.core.dispatch import AsyncDispatcher, B_contra
from typedbus.core.events import Event
from typedbus.core.handlers import AsyncRegistrar, E, Registrar
from typedbus.core.policies import OnError
from typedbus.core.registry import Registry
from typedbus.core.subscriptions import Route, Subscription, route_through, route_to
from typedbus.core.waiting import Stream, next_event
from typedbus.core.wrappers import Wrapper


class AsyncBus(Registry[B_contra], AsyncDispatcher[B_contra]):
    """Carries events of one root class to handlers that may be async.

    Handlers are awaited one after the other, in order; *concurrency* above 1 lets that many
    handlers of one event run at once, and their errors come in the order of being raised. Runs
    under asyncio and trio. The rest is as for `Bus`.
    """

    _awaits = True

    @overload
    def __init__(
        self: AsyncBus[Event],
        /,
        *,
        concurrency: int = 1,
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
        concurrency: int = 1,
        on_error: OnError = "collect",
        wrap: Sequence[Wrapper] = (),
        envelopes: bool = False,
    ) -> None: ...
    def __init__(
        self,
        root: type[Any] = Event,
        /,
        *,
        concurrency: int = 1,
        on_error: OnError = "collect",
        wrap: Sequence[Wrapper] = (),
        envelopes: bool = False,
    ) -> None:
        super().__init__(root, on_error=on_error, wrap=wrap, envelopes=envelopes)
        if concurrency < 1:
            raise ValueError(f"concurrency is {concurrency}: at least one handler must run.")
        self._concurrency = concurrency

    def subscribe(
        self,
        event_type: type[E],
        handler: Callable[[E], Awaitable[None] | None],
        /,
        *,
        once: bool = False,
        on_error: OnError | None = None,
        wrap: Sequence[Wrapper] = (),
    ) -> Subscription:
        """Call *handler* with every event of *event_type* and its subclasses, until cancelled.

        The handler may be sync or async; the rest is as for `Bus.subscribe`.
        """
        return self._add(event_type, handler, once=once, on_error=on_error, wrap=wrap)

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
    def on(  # type: ignore[overload-overlap]  # an AsyncDelivery is a BlockingDelivery that takes more
        self,
        event_type: type[E],
        /,
        *,
        via: AsyncDeliveryOf[E] | None = ...,
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
        via: BlockingDeliveryOf[E],
        once: bool = ...,
        on_error: OnError | None = ...,
        wrap: Sequence[Wrapper] = ...,
    ) -> Registrar[E]: ...
    def on(
        self,
        event_type: type[E],
        /,
        *,
        via: DeliveryFor[E] | AsyncDeliveryOf[E] | BlockingDeliveryOf[E] | None = None,
        once: bool = False,
        on_error: OnError | None = None,
        wrap: Sequence[Wrapper] = (),
    ) -> AsyncRegistrar[E] | Registrar[E]:
        """Subscribe the function below: `@bus.on(UserCreated)`. The function stays itself.

        *via* is a delivery that decides when and where it runs; the rest as for `subscribe`.
        """
        return AsyncRegistrar(
            self._subscriber(event_type, via, once=once, on_error=on_error, wrap=wrap)
        )

    async def wait_for(
        self,
        event_type: type[E],
        /,
        *,
        where: Callable[[E], bool] | None = None,
        timeout: timedelta | None = None,
    ) -> E:
        """Return the next event of *event_type* for which *where* answers True.

        Waiting begins when this is first awaited; to miss nothing that the next line causes, use
        `stream`. Raises `WaitTimeoutError` after *timeout*, and what *where* raises.
        """
        return await next_event(self._add_quietly, event_type, where=where, timeout=timeout)

    def stream(
        self,
        event_type: type[E],
        /,
        *,
        buffer: int = 1000,
        when_full: Literal["raise", "wait"] = "raise",
    ) -> AbstractAsyncContextManager[Stream[E]]:
        """Open a stream of every event of *event_type*: `async with` it, then `async for`.

        It receives from the moment it is entered, and ends when it is left or closed. *buffer*
        events may wait in it; one more raises `QueueFullError` in the publisher, or makes the
        publisher wait.
        """
        return Stream(self._add_quietly, event_type, buffer=buffer, when_full=when_full)

    def _arrange(self, subscriptions: tuple[Subscription, ...]) -> Route:
        route = route_to(subscriptions)
        at_a_time = min(self._concurrency, len(route))
        if not route or (at_a_time == 1 and not self._envelopes):
            return route
        if at_a_time == 1:
            call = in_order_async(route, self._policy)
        else:
            call = at_once(route, self._policy, at_a_time)
        return route_through(in_publication_async(call) if self._envelopes else call)

    def _called_here(self, handler: AnyHandler) -> AnyHandler:
        return handler if is_async(handler) else Awaiting(handler)
