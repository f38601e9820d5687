"""`@bus.on(...)`: the function below it is checked, and keeps its whole type."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, assert_type
from unittest.mock import Mock

from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created,
    created_later,
    events,
    on_created,
    on_order,
    on_user,
    placed,
)
from typedbus import logged


# right: the type is the function's own, with names, defaults and a wider class
@bus.on(UserCreated)
def a1(event: UserCreated) -> None: ...
@bus.on(UserCreated)
def a2(event: UserEvent, log: str = "") -> None: ...
@bus.on(UserCreated, once=True, wrap=[logged], on_error="raise")
def a3(event: UserCreated) -> None: ...
@events.on(UserCreated)
def a4(event: UserCreated) -> None: ...
@events.on(UserCreated)
async def a5(event: UserCreated, log: str = "") -> None: ...
@bus.on(UserCreated)  # mypy alone: [arg-type]
@bus.on(OrderPlaced)
def a6(event: UserCreated | OrderPlaced) -> None: ...
@bus.on(UserCreated)
@logged
def a7(event: UserCreated) -> None: ...


a1(event=created)  # mypy alone: [call-arg]
a2(created, log="x")  # mypy alone: [call-arg]
a2(UserEvent(user_id=1))  # mypy alone: [arg-type]
a2(event=created)  # mypy alone: [call-arg]
a4(event=created)  # mypy alone: [call-arg]
a6(placed)  # mypy alone: [arg-type]
a6(created)
a8: Callable[[UserEvent], None] = a2  # mypy alone: [assignment]
a9: Callable[[UserCreated], Coroutine[Any, Any, None]] = a5
assert_type(bus.on(UserCreated)(on_user)(UserEvent(user_id=1)), None)  # mypy alone: [arg-type]
a1(placed)
# [arg-type]
a1(it=created)
# [call-arg]
a2(created, "x", "y")
# [call-arg]
b1: Callable[[ShopEvent], None] = a2
# [assignment]
b2: Callable[[UserCreated], None] = a5
# [assignment]


async def awaits() -> None:
    await a5(created, log="x")  # mypy alone: [call-arg]
    a5(created)
    # [unused-coroutine]


# wrong: the decorator's line is reported
@bus.on(UserCreated)
# Handler "c1" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def c1(event: OrderPlaced) -> None: ...
@bus.on(UserEvent)
# Handler "c2" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
def c2(event: UserCreated) -> None: ...
@bus.on(UserCreated)
# Handler "c3" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
async def c3(event: UserCreated) -> None: ...
@bus.on(UserCreated)
# Handler "c4" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
def c4(event: Any) -> None: ...
@bus.on(UserCreated)
# Handler "c5" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
def c5(event):
# [no-untyped-def]
    print(event)


@events.on(UserCreated)
# Handler "c6" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def c6(event: OrderPlaced) -> None: ...
@events.on(UserCreated)
# Handler "c7" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
async def c7(event: OrderPlaced) -> None: ...
@bus.on(UserCreated, once=True, wrap=[logged])
# Handler "c8" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
def c8(event: OrderPlaced) -> None: ...


# left to mypy
@bus.on(UserCreated)
# [arg-type]
def d1(event: UserCreated, log: str) -> None: ...
@bus.on(UserCreated)
# [arg-type]
def d2() -> None: ...
@bus.on(UserCreated)
# [arg-type]
def d3(event: UserCreated) -> int:
    return event.user_id


@bus.on(UserCreated)
# [arg-type]
class D4:
    def __init__(self, event: UserCreated) -> None: ...


# below other decorators: the line of the bus is the one that is reported
@logged
@bus.on(UserCreated)
def e1(event: UserEvent) -> None: ...
@logged
@bus.on(UserCreated)
# Handler "e2" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
@logged
def e2(event: OrderPlaced) -> None: ...
@bus.on(UserCreated)
@bus.on(UserEvent)
# Handler "e3" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
def e3(event: UserCreated) -> None: ...


class Mailer:
    @bus.on(UserCreated)
    @staticmethod
    def a1(event: UserCreated) -> None: ...
    @bus.on(UserCreated)
    # Handler "c1" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    @staticmethod
    def c1(event: OrderPlaced) -> None: ...
    @bus.on(UserCreated)
    # [arg-type]
    def c2(self, event: UserCreated) -> None: ...  # mypy alone: [misc]


Mailer.a1(event=created)  # mypy alone: [call-arg]

# called by hand
bus.on(UserCreated)(on_created)
bus.on(UserCreated)(lambda event: print(event.email))
bus.on(UserCreated)(partial(print, "x"))
bus.on(UserCreated)(Mock())
events.on(UserCreated)(created_later)
on_users = bus.on(UserCreated)
on_users(on_created)
bus.on(UserCreated)(on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.on(UserCreated)(lambda event: print(event.nope))
# [attr-defined]
bus.on(UserCreated)(created_later)
# Handler "created_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.on(UserCreated)(partial(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.on(UserCreated)(None)
# [arg-type]
bus.on(UserCreated)()
# [call-arg]
on_users(on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


# each in turn
for each in (UserCreated, OrderPlaced):

    @bus.on(each)
    def f1(event: ShopEvent) -> None: ...
    @bus.on(each)
    # Handler "f2" accepts only "UserCreated", but would receive every "UserCreated | OrderPlaced"; subscribe it to "UserCreated", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]
    def f2(event: UserCreated) -> None: ...


def inside(awaitable: Awaitable[None]) -> None:
    @bus.on(UserCreated)
    def g1(event: UserCreated) -> None:
        print(awaitable)

    @bus.on(UserCreated)
    # Handler "g2" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    def g2(event: OrderPlaced) -> None:
        print(awaitable)

    print(g1, g2)
