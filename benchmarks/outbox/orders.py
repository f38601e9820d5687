"""The events that everyone stores and handles: some 250 bytes of JSON each."""

from __future__ import annotations

from collections.abc import Iterator

from typedbus import Event, event

KEYS = 1_000
_NOTE = "Leave it with the neighbour on the left, who is always in, and ring twice. " * 2


@event(name="benchmarks.outbox.order_placed")
class OrderPlaced(Event):
    order_id: str
    number: int
    customer: str
    note: str
    total_cents: int


def orders(number: int, *, keys: int = KEYS) -> Iterator[OrderPlaced]:
    """Yield *number* events of as many orders as there are *keys*, by turns."""
    for each in range(number):
        yield OrderPlaced(
            order_id=f"order-{each % keys:06}",
            number=each + 1,
            customer="Ada Lovelace",
            note=_NOTE,
            total_cents=15_000,
        )
