"""What happens on the shelves."""

from shop.events import ShopEvent


class StockRanLow(ShopEvent):
    """Somebody should order more of a product."""

    product: str
    pieces_left: int
