"""What happens to orders."""

from shop.events import ShopEvent


class OrderPlaced(ShopEvent):
    """A customer ordered something that was on the shelf."""

    order_id: int
    customer_id: int
    email: str
    product: str
    pieces: int
