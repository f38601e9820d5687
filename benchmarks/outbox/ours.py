"""Our relay, on each database and with each kind of handler."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from sqlalchemy import Column, Integer, Table, insert

from benchmarks.outbox.contenders import Contender, Goal
from benchmarks.outbox.counted import Counted
from benchmarks.outbox.databases import MARIADB, POSTGRESQL, SQLITE
from benchmarks.outbox.orders import KEYS, OrderPlaced, orders
from benchmarks.outbox.shop import Handler, Shop
from typedbus.adapters.sqlalchemy import transaction

Handlers = Callable[[Shop, Counted], list[Handler]]

_OWED = "SELECT (SELECT count(*) FROM typedbus_pending) + (SELECT count(*) FROM typedbus_delivery)"


def contenders() -> list[Contender]:
    """Return the relay with one handler for each database, then with others on PostgreSQL."""
    ordered = Goal(50_000, 100_000), Goal(3.6, 7, against_pgqueuer=True)
    return [
        _relay("keys in order", POSTGRESQL, 30_000, _one_async, goals=ordered),
        _relay("keys in order", SQLITE, 30_000, _one_async, goals=(Goal(40_000, 80_000),)),
        _relay("keys in order", MARIADB, 20_000, _one_async, goals=(Goal(30_000, 60_000),)),
        _relay(
            "three handlers",
            POSTGRESQL,
            20_000,
            _three_async,
            handlers=3,
            goals=(Goal(120_000, 300_000),),
        ),
        _relay(
            "one hot key", POSTGRESQL, 20_000, _one_async, keys=1, goals=(Goal(20_000, 50_000),)
        ),
        _relay("a sync handler", POSTGRESQL, 20_000, _one_sync),
        _relay("a handler that writes", POSTGRESQL, 1_000, _one_writing),
    ]


def _relay(
    what: str,
    kind: str,
    events: int,
    make: Handlers,
    *,
    handlers: int = 1,
    keys: int = KEYS,
    goals: tuple[Goal, ...] = (),
) -> Contender:
    return Contender(
        name=f"typedbus: {what}",
        kind=kind,
        events=events,
        prepare=_prepare,
        fill=partial(_fill, make, keys),
        work=lambda url, counted: asyncio.run(_work(make, url, counted)),
        owed=_OWED,
        handlers=handlers,
        goals=goals,
    )


def _prepare(url: str) -> None:
    shop = Shop(url)
    _invoices(shop)
    shop.create_tables()
    shop.close()


def _fill(make: Handlers, keys: int, url: str, number: int) -> None:
    shop = Shop(url)
    shop.handle(*make(shop, Counted(0)))
    shop.publish(orders(number, keys=keys))
    shop.close()


async def _work(make: Handlers, url: str, counted: Counted) -> None:
    shop = Shop(url)
    shop.handle(*make(shop, counted))
    relay = shop.outbox.relay()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(relay.run())
        await asyncio.to_thread(counted.over.wait)
        relay.stop()
    shop.close()


def _one_async(shop: Shop, counted: Counted) -> list[Handler]:
    async def handle(event: OrderPlaced) -> None:
        counted.call_in_order("one", event.order_id, event.number)

    return [handle]


def _three_async(shop: Shop, counted: Counted) -> list[Handler]:
    async def first(event: OrderPlaced) -> None:
        counted.call_in_order("first", event.order_id, event.number)

    async def second(event: OrderPlaced) -> None:
        counted.call_in_order("second", event.order_id, event.number)

    async def third(event: OrderPlaced) -> None:
        counted.call_in_order("third", event.order_id, event.number)

    return [first, second, third]


def _one_sync(shop: Shop, counted: Counted) -> list[Handler]:
    def handle(event: OrderPlaced) -> None:
        with counted.lock:
            counted.call_in_order("sync", event.order_id, event.number)

    return [handle]


def _one_writing(shop: Shop, counted: Counted) -> list[Handler]:
    invoice = _invoices(shop)

    def handle(event: OrderPlaced) -> None:
        with transaction(shop.sessions) as session:
            session.execute(insert(invoice).values(number=event.number))
        with counted.lock:
            counted.call_in_order("writing", event.order_id, event.number)

    return [handle]


def _invoices(shop: Shop) -> Table:
    columns = Column("id", Integer, primary_key=True), Column("number", Integer)
    return Table("invoice", shop.metadata, *columns)
