"""Wrappers: `wrap=` on a bus and on a subscription, `around`, `logged`, `timeout`."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import assert_type

from deliveries import either, number, sync_only, wrapper
from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    created_later,
    on_created,
    on_order,
    user_later,
)
from typedbus import AsyncBus, Bus, Wrapper, around, logged, timeout


@contextmanager
def span(handler: str, event: object) -> Generator[None]:
    print(handler, event)
    yield


@contextmanager
def span_of_order(handler: str, event: OrderPlaced) -> Generator[None]:
    yield


def timer(handler: str, event: object) -> AbstractContextManager[float]:
    raise NotImplementedError


def not_a_span(handler: str, event: object) -> None: ...
def generator(handler: str, event: object) -> Generator[None]:
    raise NotImplementedError


traced = around(span)
assert_type(traced, Wrapper)
assert_type(around(timer), Wrapper)
assert_type(timeout(timedelta(seconds=1)), Wrapper)
around(lambda handler, event: nullcontext(handler))
around(span_of_order)  # error: none; the manager sees events of every class that the bus carries
around(not_a_span)  # error: all mypy[arg-type]
around(generator)  # error: all mypy[arg-type]
around(span("handler", 1))  # error: all mypy[arg-type]
timeout(1)  # error: all mypy[arg-type]
timeout()  # error: all mypy[call-arg]

# the bus
Bus(ShopEvent, wrap=[traced, logged, wrapper])
Bus(ShopEvent, wrap=(logged,))
bus = Bus(ShopEvent, wrap=[logged])
events = AsyncBus(ShopEvent, wrap=[traced, logged, timeout(timedelta(seconds=1))])
assert_type(bus, Bus[ShopEvent])
assert_type(events, AsyncBus[ShopEvent])
Bus(ShopEvent, wrap=logged)  # error: all
Bus(ShopEvent, wrap=[span])  # error: all
Bus(ShopEvent, wrap=[number])  # error: all
Bus(ShopEvent, wrap=[sync_only])  # error: mypy pyright; nothing else sees it
Bus(ShopEvent, wrap=[timeout])  # error: all
AsyncBus(ShopEvent, wrap=[either])  # error: mypy pyright; nothing else sees it
AsyncBus(ShopEvent, wrap=["logged"])  # error: all

# the subscription
bus.subscribe(UserCreated, on_created, wrap=[logged, traced])
events.subscribe(UserCreated, created_later, wrap=[logged, timeout(timedelta(seconds=1))])
bus.subscribe(UserCreated, on_created, wrap=logged)  # error: all
bus.subscribe(UserCreated, on_created, wrap=[span])  # error: all
bus.subscribe(UserCreated, on_order, wrap=[logged])  # error: all mypy[arg-type]
events.subscribe(UserCreated, user_later, wrap=[sync_only])  # error: mypy pyright; as above


@bus.on(UserCreated, wrap=[logged, traced])
def a1(event: UserCreated) -> None: ...


@events.on(UserCreated, wrap=[logged, traced])
async def a2(event: UserCreated) -> None: ...


@bus.on(UserCreated, wrap=[span])  # error: all
def a3(event: UserCreated) -> None: ...


@bus.on(UserCreated, wrap=[logged])  # error: all mypy[arg-type]
def a4(event: OrderPlaced) -> None: ...


# wrapped by hand: the handler keeps its type
assert_type(logged(on_created), Callable[[UserCreated], None])
bus.subscribe(UserCreated, logged(on_created))
bus.subscribe(UserCreated, traced(on_created))
events.subscribe(UserCreated, traced(created_later))
bus.subscribe(UserCreated, logged(on_order))  # error: all
bus.subscribe(UserCreated, traced(created_later))  # error: all
events.subscribe(OrderPlaced, traced(created_later))  # error: all
