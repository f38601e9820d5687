"""How long it takes until a second relay works, once the first was killed."""

from __future__ import annotations

from queue import Queue
from statistics import median
from threading import Event as Flag
from threading import Thread
from time import perf_counter

from sqlalchemy import select

from benchmarks.command import Progress
from benchmarks.outbox.amounts import Amounts
from benchmarks.outbox.databases import POSTGRESQL, Databases
from benchmarks.outbox.listeners import PATIENCE, Call, Listener
from benchmarks.outbox.orders import OrderPlaced, orders
from benchmarks.outbox.shop import Shop
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table

PAUSE = 0.01
"""Seconds between two events: there is always work."""
MUST, AIM = {True: 1.0, False: 10.0}, {True: 0.25, False: 3.0}
NOTE = (
    "kill -9 of the relay that works, while another stands by and events are published a hundred"
    " times a second: from the kill to the first call of a handler in the other."
)


def ask(amounts: Amounts, databases: Databases, progress: Progress) -> Answer:
    """Kill relays, on each database."""
    table = Table(
        title=f"takeover after kill -9, seconds, {amounts.kills} of each",
        columns=("", "p50", "most"),
        notes=(NOTE,),
    )
    figures: list[Figure] = []
    targets = []
    for kind in databases.kinds:
        times = _times(databases.new(kind), amounts.kills, kind, progress)
        table.add(kind, f"{median(times):.2f}", f"{max(times):.2f}")
        figures.append({"on": kind, "p50_s": median(times), "most_s": max(times)})
        known_at_once = kind == POSTGRESQL
        targets.append(
            Target(
                what=f"takeover after kill -9, {kind}, p50",
                against="-",
                measured=median(times),
                must=MUST[known_at_once],
                aim=AIM[known_at_once],
                unit="s",
            )
        )
    return Answer(figures={"takeover": figures}, tables=[table], targets=targets)


def _times(url: str, kills: int, kind: str, progress: Progress) -> list[float]:
    """Return the seconds that each takeover took."""
    shop = Shop(url)
    shop.handle(_elsewhere)
    shop.create_tables()
    calls: Queue[Call] = Queue()
    over = Flag()
    publisher = Thread(target=_publish_until, args=(shop, over))
    publisher.start()
    working, waiting = Listener(url, calls), Listener(url, calls)
    times = []
    try:
        for number in range(kills):
            progress(f"takeover, {kind}, kill {number + 1} of {kills}")
            working, waiting = _as_they_are(shop, working, waiting, calls)
            killed = perf_counter()
            working.kill()
            while (call := calls.get(timeout=PATIENCE)).listener is working:
                pass
            times.append(call.at - killed)
            working, waiting = waiting, Listener(url, calls)
    finally:
        over.set()
        publisher.join()
        working.stop()
        waiting.stop()
        shop.close()
    return times


def _as_they_are(
    shop: Shop, one: Listener, other: Listener, calls: Queue[Call]
) -> tuple[Listener, Listener]:
    """Return which of the two works, and which stands by, once both do."""
    while len(_relays(shop)) < 2:
        _emptied(calls)
        Flag().wait(0.05)
    _emptied(calls)
    call = calls.get(timeout=PATIENCE)
    return (one, other) if call.listener is one else (other, one)


def _relays(shop: Shop) -> list[object]:
    """Return the relays that have told of themselves and live."""
    with shop.engine.connect() as connection:
        return list(connection.execute(select(shop.outbox.tables.relay.c.id)).scalars())


def _emptied(calls: Queue[Call]) -> None:
    while not calls.empty():
        calls.get_nowait()


def _publish_until(shop: Shop, over: Flag) -> None:
    for order in orders(10_000_000):
        if over.wait(PAUSE):
            return
        shop.publish([order])


async def _elsewhere(event: OrderPlaced) -> None:
    """Be owed *event*: the relays have this handler, too."""
