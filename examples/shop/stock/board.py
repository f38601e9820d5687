"""The board over the shelves: how many pieces there are, as customers see it."""

from sqlalchemy import select

from shop.database import Sessions, Stock
from typedbus.adapters.sqlalchemy import transaction


class Board:
    """Shows what is committed, and nothing that may still be taken back."""

    def __init__(self) -> None:
        self.pieces: dict[str, int] = {}

    def read_again(self) -> None:
        """Show what the database says now."""
        with transaction(Sessions) as session:
            rows = session.scalars(select(Stock).order_by(Stock.product))
            self.pieces = {row.product: row.pieces for row in rows}


board = Board()
