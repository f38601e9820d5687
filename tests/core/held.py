"""A handler that stands still, for what happens while one runs."""

import threading

from tests.core.shop import OrderPlaced, ShopEvent

PATIENCE = 10
"""Seconds until a test that waits in vain fails."""


class Held:
    """A handler that notes its events and then stands still until it is let go."""

    def __init__(self) -> None:
        self.seen = list[ShopEvent]()
        self.ended = list[ShopEvent]()
        self.started = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, event: ShopEvent) -> None:
        self.seen.append(event)
        self.started.set()
        assert self.let_go.wait(PATIENCE)
        self.ended.append(event)


def order(number: int) -> OrderPlaced:
    """Return an event that tells its number."""
    return OrderPlaced(order_id=number)
