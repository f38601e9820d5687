"""Deliveries of typedbus and the user's own, in the plain form and under `via=`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar
from unittest.mock import Mock

from shop import (
    OrderPlaced,
    UserCreated,
    UserEvent,
    bus,
    created_later,
    events,
    on_anything,
    on_created,
    on_order,
    on_user,
    order_later,
    user_later,
)
from typedbus import (
    AsyncBackground,
    Background,
    Delivery,
    Handler,
    SyncDelivery,
    around,
    collected,
    in_thread,
    logged,
    timeout,
)

E = TypeVar("E")
F = TypeVar("F")
R = TypeVar("R")
background = Background(workers=2)
async_background = AsyncBackground()


class Retry:
    """How often, and how long between."""

    def __init__(self, *waits: timedelta) -> None: ...


class Outbox:
    """Makes a delivery for each handler, which stores the event and delivers it later."""

    def durable(
        self,
        name: str,
        *,
        key: Callable[[Any], object] | None = None,
        retry: Retry | None = None,
    ) -> Delivery:
        raise NotImplementedError(name, key, retry)

    def after_commit(self, handler: Callable[[E], None], /) -> Callable[[E], None]:
        raise NotImplementedError(handler)


class OfOneClass(Generic[E]):
    """A delivery for the events of one class."""

    def __init__(self, event_type: type[E]) -> None: ...
    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        raise NotImplementedError(handler)


def by_protocol(handler: Handler[E], name: str = "") -> Handler[E]:
    return handler


def orders_of_users(handler: Callable[[OrderPlaced], None]) -> Callable[[UserCreated], None]:
    raise NotImplementedError(handler)


def mapped(handler: Callable[[E], None], by: Callable[[F], E]) -> Callable[[F], None]:
    raise NotImplementedError(handler, by)


class Counting(Generic[E]):
    """A wrapper that is a class of its own."""

    def __init__(self, handler: Callable[[E], None], start: int = 0) -> None: ...
    def __call__(self, event: E) -> None: ...


def timed(handler: Callable[[E], R]) -> Callable[[E], R]:
    return handler


def counted(handler: Callable[[E], None]) -> Callable[[E], int]:
    raise NotImplementedError(handler)


def named(name: str, handler: Callable[[E], None]) -> Callable[[E], None]:
    raise NotImplementedError(name, handler)


def registered(handler: Callable[[E], None]) -> int:
    raise NotImplementedError(handler)


def gives_number(event: UserCreated) -> int:
    return event.user_id


def order_of(event: UserCreated) -> OrderPlaced:
    return OrderPlaced(order_id=event.user_id)


def log_first(log: str, event: UserCreated) -> None: ...
def log_first_order(log: str, event: OrderPlaced) -> None: ...
def on_any(event: Any) -> None: ...


outbox = Outbox()
retry = Retry(timedelta(seconds=1), timedelta(minutes=1))

# plain, on a Bus
bus.subscribe(UserCreated, collected(on_created))
bus.subscribe(UserCreated, collected(on_user))
bus.subscribe(UserCreated, collected(on_anything))
bus.subscribe(UserCreated, collected(created_later))
bus.subscribe(UserCreated, background(on_created))
bus.subscribe(UserCreated, collected(background(on_created)))
bus.subscribe(UserCreated, logged(on_user))
bus.subscribe(UserCreated, outbox.after_commit(on_user))
bus.subscribe(OrderPlaced, outbox.durable("billing")(on_order))
bus.subscribe(OrderPlaced, outbox.durable("a", key=lambda e: e.order_id, retry=retry)(order_later))
bus.subscribe(UserCreated, OfOneClass(UserCreated)(on_user))
bus.subscribe(UserCreated, by_protocol(on_user))
bus.subscribe(UserCreated, orders_of_users(on_order))
bus.subscribe(UserCreated, mapped(on_order, order_of))
bus.subscribe(UserCreated, Counting(on_user))
bus.subscribe(UserCreated, Counting(partial(log_first, "x"), 1))
bus.subscribe(UserCreated, collected(partial(log_first, "x")))
bus.subscribe(UserCreated, collected(lambda event: print(event.email)))
bus.subscribe(UserCreated, collected(Mock()))
bus.subscribe(UserCreated, collected(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, collected(order_later))
# Handler "order_later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserEvent, collected(on_created))
# Handler "on_created" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, background(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, collected(background(on_order)))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, logged(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, outbox.after_commit(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, outbox.durable("billing")(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, outbox.durable("a", key=lambda e: e.order_id, retry=retry)(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, OfOneClass(OrderPlaced)(on_order))
# Handler "OfOneClass" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, by_protocol(on_order, "x"))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(OrderPlaced, orders_of_users(on_order))
# Handler "orders_of_users" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, mapped(on_order, order_of))
# Handler "order_of" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserCreated, Counting(on_order, 1))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

# What a delivery hides from mypy: a partial, and Any.
bus.subscribe(UserCreated, collected(partial(log_first_order, "x")))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, collected(background(partial(log_first_order, "x"))))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, Counting(partial(log_first_order, "x")))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, outbox.durable("a")(partial(log_first_order, "x")))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, collected(on_any))
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, by_protocol(on_any))
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, by_protocol(handler=on_any))
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]

# Its result is mypy's to tell, and what is wrong inside of it.
bus.subscribe(UserCreated, timed(on_created))
bus.subscribe(UserCreated, named("x", on_created))
bus.subscribe(UserCreated, timed(gives_number))
# [arg-type]
bus.subscribe(UserCreated, counted(on_created))
# [arg-type]
bus.subscribe(UserCreated, collected(gives_number))
# [arg-type]
bus.subscribe(UserCreated, collected(lambda event: print(event.nope)))
# [attr-defined]
bus.subscribe(UserCreated, collected())
# [call-arg]
bus.subscribe(UserCreated, registered(on_created))
# [arg-type]
bus.subscribe(UserCreated, named("x", on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

# Right, and inside of a delivery nobody keeps mypy from reporting it: python/mypy#12557.
bus.subscribe(UserCreated, collected(lambda event, kept=background: print(event, kept)))
# [misc]

# in the line of the handler, not of the delivery
bus.subscribe(
    UserCreated,
    collected(
        on_order,
        # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    ),
)

# async, on a Bus: nothing awaits the handler, or the delivery itself has to be awaited
bus.subscribe(UserCreated, logged(user_later))
# Handler "user_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, in_thread(on_created))
# Handler "in_thread" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, async_background(on_created))
# Handler "async_background" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, async_background(created_later))
# Handler "created_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, background(created_later))
# [arg-type]
bus.subscribe(UserCreated, outbox.after_commit(created_later))
# [arg-type]

# plain, on an AsyncBus
events.subscribe(UserCreated, collected(created_later))
events.subscribe(UserCreated, background(on_created))
events.subscribe(UserCreated, in_thread(on_user))
events.subscribe(UserCreated, async_background(user_later))
events.subscribe(UserCreated, logged(user_later))
events.subscribe(UserCreated, timeout(timedelta(seconds=1))(user_later))
events.subscribe(UserCreated, collected(in_thread(partial(log_first, "x"))))
events.subscribe(OrderPlaced, outbox.durable("a", retry=retry)(order_later))
events.subscribe(UserCreated, in_thread(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, async_background(order_later))
# Handler "order_later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, outbox.durable("a", retry=retry)(order_later))
# Handler "order_later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, collected(in_thread(partial(log_first_order, "x"))))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, in_thread(user_later))
# [arg-type]
events.subscribe(UserCreated, background(created_later))
# [arg-type]


# via=, on a Bus
@bus.on(UserCreated, via=collected)
def a1(event: UserEvent) -> None: ...
@bus.on(UserCreated, via=collected)
async def a2(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=background)
def a3(event: UserCreated) -> None: ...
@bus.on(OrderPlaced, via=outbox.durable("a", key=lambda e: e.order_id, retry=retry))
async def a4(event: OrderPlaced) -> None: ...
@bus.on(OrderPlaced, via=outbox.after_commit)
def a5(event: OrderPlaced, log: str = "") -> None: ...
@bus.on(UserCreated, via=OfOneClass(UserCreated))
def a6(event: UserEvent) -> None: ...
@bus.on(UserCreated, via=None)
def a7(event: UserEvent) -> None: ...


a5(OrderPlaced(order_id=1), log="x")  # mypy alone: [call-arg]


@bus.on(UserCreated, via=collected)
# Handler "b1" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def b1(event: OrderPlaced) -> None: ...
@bus.on(UserCreated, via=collected)
# Handler "b2" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
async def b2(event: OrderPlaced) -> None: ...
@bus.on(UserEvent, via=background)
# Handler "b3" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
def b3(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=background)
# Handler "b4" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def b4(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=outbox.durable("a", key=lambda e: e.order_id, retry=retry))
# Handler "b5" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
async def b5(event: OrderPlaced) -> None: ...
@bus.on(UserCreated, via=outbox.after_commit)
# Handler "b6" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def b6(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=outbox.after_commit)
# Handler "b7" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def b7(event: OrderPlaced) -> None: ...
@bus.on(UserCreated, via=None)
# Handler "b8" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def b8(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=OfOneClass(OrderPlaced))
# [arg-type]
def b9(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=in_thread)
# [arg-type]
def c1(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=outbox.durable)
# [arg-type]
def c2(event: UserCreated) -> None: ...


# via=, on an AsyncBus
@events.on(UserCreated, via=in_thread)
def d1(event: UserEvent) -> None: ...
@events.on(UserCreated, via=async_background)
async def d2(event: UserCreated) -> None: ...
@events.on(OrderPlaced, via=outbox.durable("a", key=lambda e: e.order_id))
async def d3(event: OrderPlaced) -> None: ...
@events.on(UserCreated, via=in_thread)
# Handler "e1" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def e1(event: OrderPlaced) -> None: ...
@events.on(UserCreated, via=in_thread)
# Handler "e2" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def e2(event: UserCreated) -> None: ...
@events.on(UserEvent, via=async_background)
# Handler "e3" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
async def e3(event: UserCreated) -> None: ...
@events.on(UserCreated, via=background)
# Handler "e4" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def e4(event: UserCreated) -> None: ...
@events.on(UserCreated, via=outbox.durable("a"))
# Handler "e5" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
async def e5(event: OrderPlaced) -> None: ...


# by hand, and chosen at run time
def chosen(either: Delivery, sync: SyncDelivery, now: bool) -> None:
    bus.on(UserCreated, via=either)(user_later)
    bus.on(UserCreated, via=either if now else None)(on_user)
    bus.on(UserCreated, via=either if now else sync)(on_user)
    bus.on(UserCreated, via=collected)(partial(log_first, "x"))
    bus.on(UserCreated, via=collected)(lambda event: print(event.email))
    bus.on(UserCreated, via=either)(on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.on(UserCreated, via=either if now else sync)(on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.on(UserCreated, via=sync)(user_later)
    # Handler "user_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
    bus.on(UserCreated, via=collected)(partial(log_first_order, "x"))
    # Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.on(UserCreated, via=collected)(lambda event: print(event.nope))
    # [attr-defined]
    bus.subscribe(UserCreated, either(on_user))
    bus.subscribe(UserCreated, (either if now else sync)(on_user))
    bus.subscribe(UserCreated, either(on_order))
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, (either if now else sync)(on_order))
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


def traced(name: str, event: object) -> Background:
    raise NotImplementedError(name, event)


bus.subscribe(UserCreated, on_user, wrap=[logged, around(traced)])
bus.subscribe(UserCreated, around(traced)(on_user))
bus.subscribe(UserCreated, around(traced)(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, on_order, wrap=[around(traced)])
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, on_user, wrap=[background])
# [list-item]
