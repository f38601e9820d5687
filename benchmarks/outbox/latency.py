"""How long after its publish an event is handled, by a relay at rest in another process."""

from __future__ import annotations

from queue import Queue
from random import Random
from statistics import median, quantiles
from time import perf_counter, sleep

from benchmarks.command import Progress
from benchmarks.outbox.amounts import Amounts
from benchmarks.outbox.databases import POSTGRESQL, Databases
from benchmarks.outbox.listeners import PATIENCE, Call, Listener
from benchmarks.outbox.orders import OrderPlaced, orders
from benchmarks.outbox.shop import Shop
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table

WARM = 5
"""Events that are published before it counts."""
APART = 0.010, 0.030
"""Seconds between two events: the relay is at rest by then, and they are in step with nothing."""
SILENCE = 1.5, 2.5
"""Seconds that are long enough for who looks by itself to do so seldom."""
SILENCES = 0.02
"""How many of these there are, for each of the others."""
MUST, AIM = (3.0, 15.0), (1.5, 5.0)
NOTE = (
    "From before the transaction is begun, so that its commit is part of it. Events 10 to 30 ms"
    " apart, and some after 1.5 to 2.5 s of silence."
)


def ask(amounts: Amounts, databases: Databases, progress: Progress) -> Answer:
    """Publish events one by one, on each database."""
    table = Table(
        title="from publish to handler, the relay at rest in another process, ms",
        columns=("", "p50", "p99", "most", "p50 after silence"),
        notes=(NOTE,),
    )
    figures: list[Figure] = []
    targets: list[Target] = []
    for kind in databases.kinds:
        progress(f"latency, {kind}")
        times, silent = _times(databases.new(kind), amounts.rests)
        p50, p99 = median(times), quantiles(times, n=100, method="inclusive")[98]
        shown = [f"{each:.2f}" for each in (p50, p99, max(times), median(silent))]
        table.add(kind, *shown)
        figures.append(
            {
                "on": kind,
                "p50_ms": p50,
                "p99_ms": p99,
                "most_ms": max(times),
                "p50_ms_after_silence": median(silent),
            }
        )
        if kind == POSTGRESQL:
            targets += [
                Target(
                    what=f"publish to handler at rest, PostgreSQL, {name}",
                    against="-",
                    measured=measured,
                    must=must,
                    aim=aim,
                    unit="ms",
                )
                for name, measured, must, aim in zip(
                    ("p50", "p99"), (p50, p99), MUST, AIM, strict=True
                )
            ]
    return Answer(figures={"latency": figures}, tables=[table], targets=targets)


def _times(url: str, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds that each of *count* events took, and those after a silence."""
    shop = Shop(url)
    shop.handle(_elsewhere)
    shop.create_tables()
    calls: Queue[Call] = Queue()
    listener = Listener(url, calls)
    uniform = Random(0).uniform
    silences = max(1, round(count * SILENCES))
    times: list[float] = []
    try:
        for order in orders(WARM + count + silences):
            sleep(uniform(*(APART if len(times) < WARM + count else SILENCE)))
            published = perf_counter()
            shop.publish([order])
            call = calls.get(timeout=PATIENCE)
            times.append((call.at - published) * 1_000)
    finally:
        listener.stop()
        shop.close()
    return times[WARM:-silences], times[-silences:]


async def _elsewhere(event: OrderPlaced) -> None:
    """Be owed *event*: the relay of the other process has this handler, too."""
