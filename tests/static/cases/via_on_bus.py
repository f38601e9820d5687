"""`@bus.on(..., via=...)` on `Bus`: which deliveries, which handlers."""

from collections.abc import Awaitable, Callable

from deliveries import Queue, async_bus_only, blocking, either, number, sync_only, wrapper
from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, placed
from typedbus import AsyncBackground, Background, Bus, Delivery, SyncDelivery, collected, in_thread

bus = Bus(ShopEvent)
background = Background(workers=2)
async_background = AsyncBackground()


# a delivery that can await: sync and async handlers
@bus.on(UserCreated, via=either)
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=either)
async def a2(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=collected)
def a3(event: UserEvent) -> None: ...


@bus.on(UserCreated, via=collected)
async def a4(event: UserEvent) -> None: ...


@bus.on(UserCreated, via=either)  # error: all mypy[arg-type]
def a5(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=either)  # error: all mypy[arg-type]
async def a6(event: OrderPlaced) -> None: ...


@bus.on(UserEvent, via=collected)  # error: all mypy[arg-type]
def a7(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=collected)  # error: all
def a8(event: UserCreated) -> int:
    raise NotImplementedError


# one that cannot: sync handlers only
@bus.on(UserCreated, via=sync_only)
def b1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=background)
def b2(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=Queue())
def b3(event: UserEvent) -> None: ...


@bus.on(UserCreated, via=sync_only)  # error: all mypy[arg-type]
async def b4(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=background)  # error: all mypy[arg-type]
async def b5(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=Queue())  # error: all mypy[arg-type]
async def b6(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=sync_only)  # error: all mypy[arg-type]
def b7(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=background)  # error: all mypy[arg-type]
def b8(event: OrderPlaced) -> None: ...


# those that are awaited themselves: not on this bus
@bus.on(UserCreated, via=in_thread)  # error: all
def c1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=blocking)  # error: all
def c2(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=async_bus_only)  # error: all
async def c3(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=async_background)  # error: all
async def c4(event: UserCreated) -> None: ...


# no deliveries
@bus.on(UserCreated, via=number)  # error: all
def d1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via="background")  # error: all
def d2(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=Background)  # error: all
def d3(event: UserCreated) -> None: ...


# the function stays itself
t_a1: Callable[[UserCreated], None] = a1
t_a2: Callable[[UserCreated], Awaitable[None]] = a2
t_b1: Callable[[UserCreated], None] = b1
t_b2: Callable[[UserCreated], None] = b2
a1(created)
a1(placed)  # error: all mypy[arg-type]
b1(created)
b1(placed)  # error: all mypy[arg-type]


# A wrapper passes for a delivery of sync handlers.
@bus.on(UserCreated, via=wrapper)
def e1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=wrapper)  # error: mypy pyright pyrefly; ty: AsyncHandlerError
async def e2(event: UserCreated) -> None: ...


def through_parameters(delivery: Delivery, sync_delivery: SyncDelivery, none: None) -> None:
    @bus.on(UserCreated, via=delivery)
    async def f1(event: UserCreated) -> None: ...

    @bus.on(UserCreated, via=sync_delivery)
    def f2(event: UserCreated) -> None: ...

    @bus.on(UserCreated, via=none)
    def f3(event: UserCreated) -> None: ...

    @bus.on(UserCreated, via=sync_delivery)  # error: all mypy[arg-type]
    async def f4(event: UserCreated) -> None: ...

    @bus.on(UserCreated, via=none)  # error: all mypy[arg-type]
    async def f5(event: UserCreated) -> None: ...

    print(f1, f2, f3, f4, f5)


bus.on(UserCreated, via=either)(lambda event: print(event.email))
bus.on(UserCreated, via=sync_only)(lambda event: print(event.email))
bus.on(UserCreated, via=either)(lambda event: print(event.nope))  # error: all
bus.on(UserCreated, via=sync_only)(lambda event: print(event.nope))  # error: all
