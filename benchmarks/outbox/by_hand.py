"""Raw SQL that takes events out of a table, and an outbox as one writes it by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import text

from benchmarks.outbox.contenders import Contender
from benchmarks.outbox.counted import Counted
from benchmarks.outbox.databases import MARIADB, POSTGRESQL, SQLITE
from benchmarks.outbox.engines import engine_of
from benchmarks.outbox.orders import OrderPlaced, orders
from typedbus.core.codec import decode, encode

Row = tuple[int, str]
Take = Callable[[Any], Sequence[Row]]
Handler = Callable[[OrderPlaced], Awaitable[None]]

_BATCH = 1_000
_NAIVE_BATCH = 100
_IDS = {
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "mysql": "BIGINT AUTO_INCREMENT PRIMARY KEY",
}
_FIRST = f"SELECT id FROM raw ORDER BY id LIMIT {_BATCH}"
_OWED = "SELECT count(*) FROM raw WHERE sent_at IS NULL"


def contenders() -> list[Contender]:
    """Return the raw statements for each database, and the outbox written by hand."""
    return [
        _raw(POSTGRESQL, 60_000, _take_from_postgresql),
        _raw(SQLITE, 60_000, _take_from_sqlite),
        _raw(MARIADB, 30_000, _take_from_mariadb),
        Contender(
            name="outbox by hand, commit by commit",
            kind=POSTGRESQL,
            events=600,
            prepare=_prepare,
            fill=_fill,
            work=_work_by_hand,
            owed=_OWED,
        ),
    ]


def _raw(kind: str, events: int, take: Take) -> Contender:
    def work(url: str, counted: Counted) -> None:
        asyncio.run(_work_raw(url, counted, take))

    return Contender(
        name=f"raw SQL: take {_BATCH:,}, decode, call",
        kind=kind,
        events=events,
        prepare=_prepare,
        fill=_fill,
        work=work,
        owed=_OWED,
    )


def _prepare(url: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        columns = f"id {_IDS[engine.dialect.name]}, body TEXT NOT NULL, sent_at TIMESTAMP NULL"
        connection.execute(text(f"CREATE TABLE raw ({columns})"))
    engine.dispose()


def _fill(url: str, number: int) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        rows = [{"body": encode(order).decode()} for order in orders(number)]
        connection.execute(text("INSERT INTO raw (body) VALUES (:body)"), rows)
    engine.dispose()


async def _work_raw(url: str, counted: Counted, take: Take) -> None:
    handle = _handler(counted)
    engine = engine_of(url)
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        while rows := take(cursor):
            connection.commit()
            for _, body in rows:
                await handle(decode(OrderPlaced, body))
    engine.dispose()


def _handler(counted: Counted) -> Handler:
    async def handle(event: OrderPlaced) -> None:
        counted.call_in_order("raw", event.order_id, event.number)

    return handle


def _take_from_postgresql(cursor: Any) -> Sequence[Row]:
    cursor.execute(
        f"DELETE FROM raw WHERE id IN ({_FIRST} FOR UPDATE SKIP LOCKED) RETURNING id, body"
    )
    return sorted(cursor.fetchall())


def _take_from_sqlite(cursor: Any) -> Sequence[Row]:
    cursor.execute(f"DELETE FROM raw WHERE id IN ({_FIRST}) RETURNING id, body")
    return sorted(cursor.fetchall())


def _take_from_mariadb(cursor: Any) -> Sequence[Row]:
    cursor.execute(_FIRST.replace("id FROM", "id, body FROM") + " FOR UPDATE SKIP LOCKED")
    rows: Sequence[Row] = cursor.fetchall()
    if rows:
        cursor.execute(f"DELETE FROM raw WHERE id IN ({', '.join(str(each) for each, _ in rows)})")
    return rows


def _work_by_hand(url: str, counted: Counted) -> None:
    """Do what most write: lock a hundred, and mark each as sent in a transaction of its own."""
    engine = engine_of(url)
    select = text(
        "SELECT id, body FROM raw WHERE sent_at IS NULL"
        f" ORDER BY id LIMIT {_NAIVE_BATCH} FOR UPDATE SKIP LOCKED"
    )
    update = text("UPDATE raw SET sent_at = now() WHERE id = :id")
    with engine.connect() as connection:
        while rows := connection.execute(select).all():
            for row in rows:
                order = json.loads(row.body)
                counted.call_in_order("by hand", order["order_id"], order["number"])
                connection.execute(update, {"id": row.id})
                connection.commit()
    engine.dispose()
