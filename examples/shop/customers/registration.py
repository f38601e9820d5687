"""The use case "register a customer". It knows neither HTTP nor who listens."""

from shop import database
from shop.customers.events import CustomerRegistered
from typedbus import Publisher


class RegisterCustomer:
    """Opens accounts."""

    def __init__(self, events: Publisher[CustomerRegistered]) -> None:
        self._events = events

    def execute(self, name: str, email: str) -> int:
        """Open an account and return its number."""
        with database.unit_of_work() as connection:
            row = connection.execute(
                "INSERT INTO customer (name, email) VALUES (?, ?) RETURNING id", (name, email)
            ).fetchone()
            customer_id: int = row[0]
            self._events.publish(
                CustomerRegistered(customer_id=customer_id, name=name, email=email)
            )
        return customer_id
