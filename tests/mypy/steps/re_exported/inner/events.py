from typedbus import Event


class ShopEvent(Event):
    pass


class UserCreated(ShopEvent):
    email: str


class OrderPlaced(ShopEvent):
    order: int
