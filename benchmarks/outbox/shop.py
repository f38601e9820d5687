"""A shop with durable handlers, as a user of typedbus writes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from itertools import islice

from sqlalchemy import MetaData
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.outbox.engines import engine_of
from benchmarks.outbox.orders import OrderPlaced
from typedbus import Bus, Event
from typedbus.adapters.sqlalchemy import Outbox, transaction

Handler = Callable[[OrderPlaced], Awaitable[None] | None]

_IN_A_TRANSACTION = 1_000


class Shop:
    """The bus, the outbox, and the sessions of the database at *url*."""

    def __init__(self, url: str) -> None:
        self.engine = engine_of(url)
        self.sessions = sessionmaker[Session](self.engine)
        self.metadata = MetaData()
        self.outbox = Outbox(self.sessions, self.metadata)
        self.bus = Bus(Event)

    def create_tables(self) -> None:
        """Make the tables of the outbox."""
        self.metadata.create_all(self.engine)

    def handle(self, *handlers: Handler) -> None:
        """Subscribe *handlers*, each in the order of the orders' ids."""
        for number, handler in enumerate(handlers):
            via = self.outbox.durable(f"benchmark.{number}", key=_order_id)
            self.bus.on(OrderPlaced, via=via)(handler)

    def publish(self, events: Iterable[OrderPlaced]) -> None:
        """Publish *events*, a thousand in a transaction."""
        left = iter(events)
        while some := list(islice(left, _IN_A_TRANSACTION)):
            with transaction(self.sessions):
                for event in some:
                    self.bus.publish(event)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def _order_id(order: OrderPlaced) -> str:
    return order.order_id
