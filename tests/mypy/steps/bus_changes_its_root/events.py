from typedbus import Event


class ShopEvent(Event):
    pass


class OrderPlaced(ShopEvent):
    order: int


class StockEvent(Event):
    pass
