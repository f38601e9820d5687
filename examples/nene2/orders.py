"""Orders: where they are kept, and the use cases that place and cancel one."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from nene2.events import OrderCancelled, OrderPlaced
from typedbus import Publisher


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    email: str
    total_amount: int


class NoSuchOrderError(LookupError):
    """There is no order of this id."""

    def __init__(self, order_id: str, /) -> None:
        super().__init__(order_id)
        self.order_id = order_id

    def __str__(self) -> str:
        return f"Cannot find the order {self.order_id!r}: it was never placed, or is cancelled."


class Orders:
    """All orders, in memory."""

    def __init__(self) -> None:
        self._by_id: dict[str, Order] = {}

    def __iter__(self) -> Iterator[Order]:
        return iter(tuple(self._by_id.values()))

    def add(self, order: Order) -> None:
        """Keep *order*."""
        self._by_id[order.order_id] = order

    def remove(self, order_id: str) -> None:
        """Forget an order; raise `NoSuchOrderError` if there is none of that id."""
        if self._by_id.pop(order_id, None) is None:
            raise NoSuchOrderError(order_id)


class PlaceOrder:
    """The use case that publishes `OrderPlaced`."""

    def __init__(self, orders: Orders, events: Publisher[OrderPlaced]) -> None:
        self._orders = orders
        self._events = events

    def execute(self, email: str, total_amount: int) -> Order:
        """Save an order, then say so."""
        order = Order(str(uuid4()), email, total_amount)
        self._orders.add(order)
        self._events.publish(
            OrderPlaced(order_id=order.order_id, email=email, total_amount=total_amount)
        )
        return order


class CancelOrder:
    """The use case that publishes `OrderCancelled`."""

    def __init__(self, orders: Orders, events: Publisher[OrderCancelled]) -> None:
        self._orders = orders
        self._events = events

    def execute(self, order_id: str) -> None:
        """Take an order back; an order that is not there publishes nothing."""
        self._orders.remove(order_id)
        self._events.publish(OrderCancelled(order_id=order_id))
