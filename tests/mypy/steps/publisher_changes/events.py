from typedbus import Event


class ShopEvent(Event):
    pass


class OrderPlaced(ShopEvent):
    order: int


class UserCreated(Event):
    email: str
