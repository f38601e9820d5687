"""The events and the handlers that the other case files share."""

from typing import assert_type

from typedbus import Event


class ShopEvent(Event):
    shop: str = "main"


class UserEvent(ShopEvent):
    user_id: int


class UserCreated(UserEvent):
    email: str


class OrderPlaced(ShopEvent):
    order_id: int


class Unrelated:
    """A class that the bus of the shop does not carry."""


def on_created(event: UserCreated) -> None: ...
def on_user(event: UserEvent) -> None: ...
def on_order(event: OrderPlaced) -> None: ...
def on_object(event: object) -> None: ...


async def created_later(event: UserCreated) -> None: ...
async def user_later(event: UserEvent) -> None: ...
async def order_later(event: OrderPlaced) -> None: ...


created = UserCreated(user_id=1, email="a@b.c")
placed = OrderPlaced(order_id=1)
assert_type(created.user_id, int)
assert_type(created.shop, str)
print(created.order_id)  # error: all mypy[attr-defined]
