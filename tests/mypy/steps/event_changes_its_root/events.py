from event_changes_its_root.roots import ShopEvent, StockEvent


class OrderPlaced(ShopEvent):
    order: int
