from bus_changes_its_root.events import ShopEvent, StockEvent
from typedbus import Bus

bus = Bus(ShopEvent)


class AppBus(Bus[ShopEvent]):
    pass


class App:
    def __init__(self) -> None:
        self.bus = Bus(ShopEvent)
