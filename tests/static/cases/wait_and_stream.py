"""`wait_for` and `stream` of `AsyncBus`: what comes out has the class that was asked for."""

from datetime import timedelta
from typing import assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


def is_first(event: UserEvent) -> bool:
    return event.user_id == 1


def is_order(event: OrderPlaced) -> bool:
    return event.order_id == 1


async def wait() -> None:
    assert_type(await events.wait_for(UserCreated), UserCreated)
    assert_type(await events.wait_for(ShopEvent, timeout=timedelta(seconds=1)), ShopEvent)
    assert_type(await events.wait_for(UserCreated, where=is_first), UserCreated)
    event = await events.wait_for(UserCreated, where=lambda event: event.email == "a@b.c")
    assert_type(event, UserCreated)
    print(event.email)
    print(event.order_id)  # error: all mypy[attr-defined]
    await events.wait_for(UserCreated, where=is_order)  # error: all
    await events.wait_for(UserCreated, where=lambda event: event.nope == 1)  # error: all
    await events.wait_for(UserCreated, where=lambda event: event.email)  # error: all
    await events.wait_for(UserCreated, timeout=1)  # error: all mypy[arg-type]
    await events.wait_for(UserCreated, is_first)  # error: all
    await events.wait_for("user.created")  # error: all
    events.wait_for(UserCreated)  # error: all
    await bus.wait_for(UserCreated)  # error: all mypy[attr-defined]


async def stream() -> None:
    async with events.stream(UserCreated) as users:
        async for event in users:
            assert_type(event, UserCreated)
            print(event.order_id)  # error: all mypy[attr-defined]
        assert_type(await anext(users), UserCreated)
        for wrong in users:  # error: all
            print(1)
    async with events.stream(UserEvent, buffer=10, when_full="wait") as users_too:
        assert_type(await anext(users_too), UserEvent)
    async with events.stream(UserCreated, when_full="drop") as dropped:  # error: all
        print(dropped)
    async with events.stream(UserCreated, buffer="10"):  # error: all
        pass
    async with events.stream("user.created"):  # error: all
        pass
    with events.stream(UserCreated):  # error: all
        pass
    async for event in events.stream(UserCreated):  # error: all
        print(1)
