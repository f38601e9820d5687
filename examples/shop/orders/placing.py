"""The use case "place an order"."""

from shop import database
from shop.orders.events import OrderPlaced
from typedbus import Publisher


class UnknownCustomerError(Exception):
    """Nobody has this customer number."""


class PlaceOrder:
    """Takes orders."""

    def __init__(self, events: Publisher[OrderPlaced]) -> None:
        self._events = events

    def execute(self, customer_id: int, product: str, pieces: int) -> int:
        """Take the order and return its number; a handler that raises refuses it."""
        with database.unit_of_work() as connection:
            customer = connection.execute(
                "SELECT email FROM customer WHERE id = ?", (customer_id,)
            ).fetchone()
            if customer is None:
                raise UnknownCustomerError(customer_id)
            row = connection.execute(
                "INSERT INTO purchase (customer_id, product, pieces) VALUES (?, ?, ?) RETURNING id",
                (customer_id, product, pieces),
            ).fetchone()
            order_id: int = row[0]
            self._events.publish(
                OrderPlaced(
                    order_id=order_id,
                    customer_id=customer_id,
                    email=customer[0],
                    product=product,
                    pieces=pieces,
                )
            )
        return order_id
