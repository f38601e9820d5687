from typedbus import Event


class ShopEvent(Event):
    pass


class OrderEvent(ShopEvent):
    pass
