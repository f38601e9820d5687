"""The use case "register a customer". It knows neither HTTP nor who listens."""

from shop.customers.events import CustomerRegistered
from shop.database import Customer, Sessions
from typedbus import Publisher
from typedbus.adapters.sqlalchemy import transaction


class RegisterCustomer:
    """Opens accounts."""

    def __init__(self, events: Publisher[CustomerRegistered]) -> None:
        self._events = events

    def execute(self, name: str, email: str) -> int:
        """Open an account and return its number."""
        with transaction(Sessions) as session:
            customer = Customer(name=name, email=email)
            session.add(customer)
            session.flush()
            customer_id = customer.id
            self._events.publish(
                CustomerRegistered(customer_id=customer_id, name=name, email=email)
            )
        return customer_id
