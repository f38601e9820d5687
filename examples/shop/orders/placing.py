"""The use case "place an order"."""

from shop.database import Customer, Purchase, Sessions
from shop.orders.events import OrderPlaced
from typedbus import Publisher
from typedbus.adapters.sqlalchemy import transaction


class UnknownCustomerError(Exception):
    """Nobody has this customer number."""


class PlaceOrder:
    """Takes orders."""

    def __init__(self, events: Publisher[OrderPlaced]) -> None:
        self._events = events

    def execute(self, customer_id: int, product: str, pieces: int) -> int:
        """Take the order and return its number; a handler that raises refuses it."""
        with transaction(Sessions) as session:
            customer = session.get(Customer, customer_id)
            if customer is None:
                raise UnknownCustomerError(customer_id)
            purchase = Purchase(customer_id=customer_id, product=product, pieces=pieces)
            session.add(purchase)
            session.flush()
            order_id = purchase.id
            self._events.publish(
                OrderPlaced(
                    order_id=order_id,
                    customer_id=customer_id,
                    email=customer.email,
                    product=product,
                    pieces=pieces,
                )
            )
        return order_id
