"""`@events.on(..., via=...)` on `AsyncBus`: which deliveries, which handlers."""

from collections.abc import Awaitable, Callable

from deliveries import Queue, async_bus_only, blocking, either, number, sync_only, wrapper
from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, placed
from typedbus import (
    AsyncBackground,
    AsyncBus,
    AsyncDelivery,
    Background,
    BlockingDelivery,
    Delivery,
    SyncDelivery,
    collected,
    in_thread,
)

events = AsyncBus(ShopEvent)
background = Background(workers=2)
async_background = AsyncBackground()


# deliveries that can await, and those that are awaited: sync and async handlers
@events.on(UserCreated, via=either)
def a1(event: UserCreated) -> None: ...


@events.on(UserCreated, via=either)
async def a2(event: UserCreated) -> None: ...


@events.on(UserCreated, via=collected)
async def a3(event: UserEvent) -> None: ...


@events.on(UserCreated, via=async_bus_only)
def a4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=async_bus_only)
async def a5(event: UserCreated) -> None: ...


@events.on(UserCreated, via=async_background)
async def a6(event: UserCreated) -> None: ...


@events.on(UserCreated, via=async_background)
def a7(event: UserEvent) -> None: ...


@events.on(UserCreated, via=either)  # error: all mypy[arg-type]
def b1(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=collected)  # error: all mypy[arg-type]
async def b2(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=async_bus_only)  # error: all mypy[arg-type]
def b3(event: OrderPlaced) -> None: ...


@events.on(UserEvent, via=async_background)  # error: all mypy[arg-type]
async def b4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=async_background)  # error: all
async def b5(event: UserCreated) -> int:
    raise NotImplementedError


# deliveries of sync handlers: on this bus too, and sync handlers only
@events.on(UserCreated, via=sync_only)
def c1(event: UserCreated) -> None: ...


@events.on(UserCreated, via=background)
def c2(event: UserCreated) -> None: ...


@events.on(UserCreated, via=Queue())
def c3(event: UserCreated) -> None: ...


@events.on(UserCreated, via=blocking)
def c4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=in_thread)
def c5(event: UserEvent) -> None: ...


@events.on(UserCreated, via=sync_only)  # error: all mypy[arg-type]
async def d1(event: UserCreated) -> None: ...


@events.on(UserCreated, via=background)  # error: all mypy[arg-type]
async def d2(event: UserCreated) -> None: ...


@events.on(UserCreated, via=in_thread)  # error: all mypy[arg-type]
async def d3(event: UserCreated) -> None: ...


@events.on(UserCreated, via=blocking)  # error: all mypy[arg-type]
async def d4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=in_thread)  # error: all mypy[arg-type]
def d5(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=background)  # error: all mypy[arg-type]
def d6(event: OrderPlaced) -> None: ...


@events.on(UserEvent, via=in_thread)  # error: all mypy[arg-type]
def d7(event: UserCreated) -> None: ...


# no deliveries
@events.on(UserCreated, via=number)  # error: all
def e1(event: UserCreated) -> None: ...


@events.on(UserCreated, via="background")  # error: all
def e2(event: UserCreated) -> None: ...


@events.on(UserCreated, via=AsyncBackground)  # error: all
def e3(event: UserCreated) -> None: ...


# the function stays itself
t_a1: Callable[[UserCreated], None] = a1
t_a2: Callable[[UserCreated], Awaitable[None]] = a2
t_a5: Callable[[UserCreated], Awaitable[None]] = a5
t_c1: Callable[[UserCreated], None] = c1
t_c5: Callable[[UserCreated], None] = c5
c5(created)
c5(placed)  # error: all mypy[arg-type]


# A wrapper passes for a delivery of both.
@events.on(UserCreated, via=wrapper)
async def f1(event: UserCreated) -> None: ...


@events.on(UserCreated, via=wrapper)  # error: all mypy[arg-type]
async def f2(event: OrderPlaced) -> None: ...


def through_parameters(
    delivery: Delivery,
    sync_delivery: SyncDelivery,
    async_delivery: AsyncDelivery,
    blocking_delivery: BlockingDelivery,
    none: None,
) -> None:
    @events.on(UserCreated, via=delivery)
    async def g1(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=async_delivery)
    async def g2(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=sync_delivery)
    def g3(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=blocking_delivery)
    def g4(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=none)
    async def g5(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=sync_delivery)  # error: all mypy[arg-type]
    async def h1(event: UserCreated) -> None: ...

    @events.on(UserCreated, via=blocking_delivery)  # error: all mypy[arg-type]
    async def h2(event: UserCreated) -> None: ...

    print(g1, g2, g3, g4, g5, h1, h2)


events.on(UserCreated, via=either)(lambda event: print(event.email))
events.on(UserCreated, via=in_thread)(lambda event: print(event.email))
events.on(UserCreated, via=either)(lambda event: print(event.nope))  # error: all
events.on(UserCreated, via=in_thread)(lambda event: print(event.nope))  # error: all
