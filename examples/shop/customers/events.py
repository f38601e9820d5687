"""What happens to customers."""

from shop.events import ShopEvent


class CustomerRegistered(ShopEvent):
    """Somebody opened an account."""

    customer_id: int
    name: str
    email: str
