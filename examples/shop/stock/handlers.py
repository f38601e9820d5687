"""Stock reacts to orders: in their transaction, and when that is over."""

from sqlalchemy import update

from shop.database import LostSale, Sessions, Stock
from shop.events import bus
from shop.orders.events import OrderPlaced
from shop.stock.board import board
from shop.stock.events import StockRanLow
from typedbus.adapters.sqlalchemy import after_commit, after_rollback, transaction

_LOW = 3


class OutOfStockError(Exception):
    """There are fewer pieces than were ordered."""


@bus.on(OrderPlaced, via=after_rollback)
def note_lost_sale(event: OrderPlaced) -> None:
    """Remember what was wanted; the order itself is rolled back, and this is not.

    It stands above `reserve`: a handler that raises keeps those below it from being told.
    """
    with transaction(Sessions) as session:  # a new one: that of the order is over
        session.add(LostSale(product=event.product, pieces=event.pieces))


@bus.on(OrderPlaced, on_error="raise")
def reserve(event: OrderPlaced) -> None:
    """Take the pieces off the shelf. Raising refuses the order: the transaction rolls back."""
    with transaction(Sessions) as session:  # that of the order: it is open here
        pieces = session.scalar(
            update(Stock)
            .where(Stock.product == event.product, Stock.pieces >= event.pieces)
            .values(pieces=Stock.pieces - event.pieces)
            .returning(Stock.pieces)
        )
    if pieces is None:
        raise OutOfStockError(event.product)
    if pieces < _LOW:
        bus.publish(StockRanLow(product=event.product, pieces_left=pieces))


@bus.on(OrderPlaced, via=after_commit)
def update_board(event: OrderPlaced) -> None:
    """Show the new number of pieces, which is committed by now."""
    board.read_again()
