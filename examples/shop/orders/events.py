"""What happens to orders."""

from shop.events import ShopEvent
from typedbus import event


@event(name="shop.order_placed")  # what is stored is called so, whatever becomes of the class
class OrderPlaced(ShopEvent):
    """A customer ordered something that was on the shelf."""

    order_id: int
    customer_id: int
    email: str
    product: str
    pieces: int
