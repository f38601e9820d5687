"""`on_error=`: a name, or a function from failure to decision."""

from typing import assert_type

from shop import ShopEvent, UserCreated, on_created
from typedbus import AsyncBus, Bus, Decision, Failure


def policy(failure: Failure) -> Decision:
    assert_type(failure.error, Exception)
    assert_type(failure.event, object)
    assert_type(failure.subscription.name, str)
    failure.nope  # error: all mypy[attr-defined]
    failure.error = ValueError()  # error: all mypy[misc]
    return Decision.IGNORE


def gives_nothing(failure: Failure) -> None: ...
def gives_name(failure: Failure) -> str:
    raise NotImplementedError


def takes_error(error: Exception) -> Decision:
    raise NotImplementedError


def takes_two(failure: Failure, attempt: int) -> Decision:
    raise NotImplementedError


async def decides_later(failure: Failure) -> Decision:
    raise NotImplementedError


class Counting:
    def __call__(self, failure: Failure) -> Decision:
        return Decision.LOG


# the bus
Bus(ShopEvent, on_error="collect")
Bus(ShopEvent, on_error="raise")
Bus(ShopEvent, on_error="log")
Bus(ShopEvent, on_error=policy)
Bus(ShopEvent, on_error=Counting())
Bus(ShopEvent, on_error=lambda failure: Decision.RAISE)
bus = Bus(ShopEvent, on_error=policy)
events = AsyncBus(ShopEvent, on_error="log")
assert_type(bus, Bus[ShopEvent])
Bus(ShopEvent, on_error="ignore")  # error: all
Bus(ShopEvent, on_error=Decision.LOG)  # error: all
Bus(ShopEvent, on_error=gives_nothing)  # error: all
Bus(ShopEvent, on_error=gives_name)  # error: all
Bus(ShopEvent, on_error=takes_error)  # error: all
Bus(ShopEvent, on_error=takes_two)  # error: all
Bus(ShopEvent, on_error=decides_later)  # error: all
Bus(ShopEvent, on_error=Counting)  # error: all
Bus(ShopEvent, on_error=lambda failure: failure.nope)  # error: mypy pyright ty; pyrefly: run time
AsyncBus(ShopEvent, on_error="ignore")  # error: all
AsyncBus(ShopEvent, on_error=decides_later)  # error: all

# the subscription
bus.subscribe(UserCreated, on_created, on_error="raise")
bus.subscribe(UserCreated, on_created, on_error=policy)
bus.subscribe(UserCreated, on_created, on_error=None)
bus.subscribe(UserCreated, on_created, on_error=lambda failure: Decision.LOG)
events.subscribe(UserCreated, on_created, on_error=policy, once=True)
bus.subscribe(UserCreated, on_created, on_error="ignore")  # error: all
bus.subscribe(UserCreated, on_created, on_error=gives_nothing)  # error: all
bus.subscribe(UserCreated, print, on_error=lambda it: it.nope)  # error: mypy pyright ty; as above
events.subscribe(UserCreated, on_created, on_error=decides_later)  # error: all


@bus.on(UserCreated, on_error="log")
def a1(event: UserCreated) -> None: ...


@events.on(UserCreated, on_error=policy)
async def a2(event: UserCreated) -> None: ...


@bus.on(UserCreated, on_error="ignore")  # error: all
def a3(event: UserCreated) -> None: ...


@events.on(UserCreated, on_error=gives_nothing)  # error: all
async def a4(event: UserCreated) -> None: ...


def exhaustive(decision: Decision) -> str:
    match decision:
        case Decision.COLLECT | Decision.RAISE:
            return "up"
        case Decision.LOG | Decision.IGNORE:
            return "down"


def incomplete(decision: Decision) -> str:  # error: all
    match decision:  # error: pyright-strict; the line above is enough
        case Decision.COLLECT | Decision.RAISE | Decision.LOG:
            return "up"
