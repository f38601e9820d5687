"""Events with the names of those in `shop`, and nothing in common with them."""

from typedbus import Bus, Event


class ShopEvent(Event):
    till: int = 1


class UserCreated(ShopEvent):
    name: str


def on_created(event: UserCreated) -> None: ...


other_bus = Bus(ShopEvent)
