"""`wait_for`, `stream` and `subscriptions`: what comes out has the class that was asked for."""

from datetime import timedelta
from typing import assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, bus, events, on_anything
from typedbus import AsyncBus


def is_first(event: UserEvent) -> bool:
    return event.user_id == 1


def is_order(event: OrderPlaced) -> bool:
    return event.order_id == 1


async def wait(any_class: type[UserCreated] | type[OrderPlaced]) -> None:
    assert_type(await events.wait_for(UserCreated), UserCreated)
    assert_type(await events.wait_for(ShopEvent, timeout=timedelta(seconds=1)), ShopEvent)
    assert_type(await events.wait_for(UserCreated, where=is_first), UserCreated)
    assert_type(await events.wait_for(any_class), UserCreated | OrderPlaced)
    await events.wait_for(UserCreated, where=lambda event: event.email == "")
    await events.wait_for(UserCreated, where=is_order)
    # [arg-type]
    await events.wait_for(UserCreated, where=lambda event: event.nope)
    # [attr-defined]
    await events.wait_for(created)
    # [arg-type]
    print((await events.wait_for(UserCreated)).order_id)
    # [attr-defined]


async def stream() -> None:
    async with events.stream(UserCreated, buffer=10) as users:
        async for event in users:
            assert_type(event, UserCreated)
            print(event.order_id)
            # [attr-defined]
    async with events.stream(UserCreated, when_full="drop"):
    # [arg-type]
        pass


class Waiter:
    def __init__(self, held: AsyncBus[ShopEvent]) -> None:
        self._held = held

    async def run(self) -> None:
        assert_type(await self._held.wait_for(UserCreated), UserCreated)
        await self._held.wait_for(UserCreated, where=is_order)
        # [arg-type]


print(bus.subscriptions(), bus.subscriptions(None), bus.subscriptions(UserCreated))
print(bus.subscriptions("created"))
# [arg-type]
created = UserCreated(user_id=1, email="")
on_anything(created)
