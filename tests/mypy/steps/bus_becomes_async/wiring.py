from bus_becomes_async.buses import AppBus, LateBus, bus
from bus_becomes_async.events import UserCreated
from typedbus import AsyncPublisher, Publisher


async def greet(event: UserCreated) -> None: ...


def say(event: int) -> None: ...


def create(bus: Publisher[UserCreated]) -> None: ...


async def create_async(bus: AsyncPublisher[UserCreated]) -> None: ...


async def main(own: AppBus, late: LateBus) -> None:
    bus.subscribe(UserCreated, greet)
    # 1 3 4: Handler "greet" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
    own.subscribe(UserCreated, greet)
    # 1 3: Handler "greet" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
    own.subscribe(UserCreated, say)
    # 1 2 3: Handler "say" accepts "int", not "UserCreated"; subscribe it to "int", or let it accept "UserCreated"  [event-mismatch]
    bus.publish(UserCreated(email=""))
    # 2: [unused-coroutine]
    own.publish(UserCreated)
    # 1 2 3: The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    # 2: [unused-coroutine]
    create(bus)
    # 2: "create" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncBus[Event]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
    await create_async(bus)
    # 1 3 4: "create_async" takes an "AsyncPublisher[UserCreated]", which it awaits, and "Bus[Event]" has nothing to await; give it an AsyncBus, or let it take a Publisher  [event-async]
    late.subscribe(UserCreated, say)
    # 2 4: Handler "say" accepts "int", not "UserCreated"; subscribe it to "int", or let it accept "UserCreated"  [event-mismatch]
    late.publish("user.created")
    # 2 4: No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
