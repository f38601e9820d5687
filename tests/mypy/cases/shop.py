"""The events, the handlers and the buses that the other case files share."""

from typedbus import AsyncBus, Bus, Event


class ShopEvent(Event):
    shop: str = "main"


class UserEvent(ShopEvent):
    user_id: int


class UserCreated(UserEvent):
    email: str


class OrderPlaced(ShopEvent):
    order_id: int


class Other(Event):
    """An event of another program."""


def on_created(event: UserCreated) -> None: ...
def on_user(event: UserEvent) -> None: ...
def on_order(event: OrderPlaced) -> None: ...
def on_shop(event: ShopEvent) -> None: ...
def on_other(event: Other) -> None: ...
def on_anything(event: object) -> None: ...


async def created_later(event: UserCreated) -> None: ...
async def user_later(event: UserEvent) -> None: ...
async def order_later(event: OrderPlaced) -> None: ...


bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
created = UserCreated(user_id=1, email="ada@example.com")
placed = OrderPlaced(order_id=1)
