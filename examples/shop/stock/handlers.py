"""Stock reacts to orders, inside the transaction of the order."""

from shop import database
from shop.events import bus
from shop.orders.events import OrderPlaced
from shop.stock.events import StockRanLow

_LOW = 3


class OutOfStockError(Exception):
    """There are fewer pieces than were ordered."""


@bus.on(OrderPlaced, on_error="raise")
def reserve(event: OrderPlaced) -> None:
    """Take the pieces off the shelf. Raising refuses the order: the transaction rolls back."""
    row = (
        database.connection()
        .execute(
            "UPDATE stock SET pieces = pieces - ? WHERE product = ? AND pieces >= ? "
            "RETURNING pieces",
            (event.pieces, event.product, event.pieces),
        )
        .fetchone()
    )
    if row is None:
        raise OutOfStockError(event.product)
    if row[0] < _LOW:
        bus.publish(StockRanLow(product=event.product, pieces_left=row[0]))
