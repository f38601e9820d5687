"""`@bus.on(...)`: checks the function below it and gives it back, callable as before.

What comes back is typed as a handler of the very class: further parameters and a wider event
class are forgotten, which the mypy plugin repairs.
"""

from collections.abc import Awaitable, Callable
from typing import assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, on_created, placed
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


# right
@bus.on(UserCreated)
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated)
def a2(event: UserEvent, log: str = "") -> None: ...


@bus.on(UserCreated, once=True)
def a3(event: UserCreated) -> None: ...


@events.on(UserCreated)
def a4(event: UserCreated) -> None: ...


@events.on(UserCreated)
async def a5(event: UserCreated) -> None: ...


class Mailer:
    @bus.on(UserCreated)
    @staticmethod
    def welcome(event: UserCreated) -> None: ...


bus.on(UserCreated)(on_created)
bus.on(UserCreated)(lambda event: print(event.email))
events.on(UserCreated)(lambda event: print(event.email))

# The function stays callable, which is what a unit test does.
a1(created)
a2(created)
Mailer.welcome(created)
assert_type(a1(created), None)
b1: Callable[[UserCreated], None] = a1
b2: Callable[[UserCreated], Awaitable[None]] = a5
b3: Callable[[OrderPlaced], None] = a1  # error: all mypy[assignment]
b4: Callable[[UserCreated], None] = a5  # error: all mypy[assignment]
a1(placed)  # error: all mypy[arg-type]
a1()  # error: all mypy[call-arg]
a4(placed)  # error: all mypy[arg-type]
a2(created, "log")  # error: all mypy[call-arg]; it is right
a2(UserEvent(user_id=1))  # error: all mypy[arg-type]; it is right


async def call() -> None:
    await a5(created)
    await a5(placed)  # error: all mypy[arg-type]
    await a4(created)  # error: all
    a5(created)  # error: all mypy[unused-coroutine]


# wrong
@bus.on(UserCreated)  # error: all mypy[arg-type]
def c1(event: OrderPlaced) -> None: ...


@bus.on(UserEvent)  # error: all mypy[arg-type]
def c2(event: UserCreated) -> None: ...


@bus.on(UserCreated)  # error: all mypy[arg-type]
def c3(event: UserCreated, log: str) -> None: ...


@bus.on(UserCreated)  # error: all mypy[arg-type]
def c4() -> None: ...


@bus.on(UserCreated)  # error: all mypy[arg-type]
def c5(event: UserCreated) -> int:
    return 1


@bus.on(UserCreated)  # error: all mypy[arg-type]
async def c6(event: UserCreated) -> None: ...


@events.on(UserCreated)  # error: all mypy[arg-type]
def c7(event: OrderPlaced) -> None: ...


@events.on(UserCreated)  # error: all mypy[arg-type]
async def c8(event: OrderPlaced) -> None: ...


@events.on(UserCreated)  # error: all
def c9(event: UserCreated) -> int:
    return 1


@events.on(UserCreated)  # error: all
async def d1(event: UserCreated) -> int:
    return 1


@bus.on  # error: all
def d2(event: UserCreated) -> None: ...


@bus.on("user.created")  # error: all
def d3(event: UserCreated) -> None: ...


@bus.on(UserCreated, once="yes")  # error: all
def d4(event: UserCreated) -> None: ...


@bus.on(UserCreated, True)  # error: all
def d5(event: UserCreated) -> None: ...


# For two event classes, subscribe twice: the lower decorator forgets that it takes both.
@bus.on(UserCreated)  # error: all mypy[arg-type]; it is right
@bus.on(OrderPlaced)
def d6(event: UserCreated | OrderPlaced) -> None: ...


# So does a method: `self` is not there yet.
class Counter:
    @bus.on(UserCreated)  # error: all mypy[arg-type]
    def count(self, event: UserCreated) -> None: ...  # error: mypy[misc]; it is right, but for the line above


bus.on(UserCreated)(lambda event: print(event.nope))  # error: all mypy[attr-defined]
events.on(UserCreated)(lambda event: print(event.nope))  # error: all mypy[attr-defined]
