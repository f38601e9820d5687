"""What a backlog costs: the claim of the next events, and the draining of them all."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from time import perf_counter

from benchmarks.command import Progress
from benchmarks.outbox.amounts import Amounts
from benchmarks.outbox.databases import POSTGRESQL, Databases
from benchmarks.outbox.drains import drain
from benchmarks.outbox.everyone import everyone
from benchmarks.outbox.shop import Shop
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table
from typedbus.adapters.sqlalchemy.outbox.store import SqlStore
from typedbus.outbox.store import RelayInfo

FEW = 1_000
"""How many events are pending when there is no backlog."""
CLAIMED = 100
CLAIMS = 50
A_MILLION = 1_000_000
ASKING = RelayInfo(
    id="0192f0c4-7d6c-7b5e-9d0e-2f6b8f3c1a57", host="benchmark", pid=1, started="now"
)


def ask(amounts: Amounts, databases: Databases, progress: Progress) -> Answer:
    """Claim with few events and with many; let a relay drain them all."""
    if POSTGRESQL not in databases.kinds:
        return Answer(figures={}, tables=[])
    contender = next(each for each in everyone() if each.kind == POSTGRESQL)
    url = databases.new(POSTGRESQL)
    contender.prepare(url)
    contender.fill(url, FEW)
    few = _milliseconds_of_a_claim(url)
    progress(f"backlog: publishing {amounts.backlog:,} events")
    contender.fill(url, amounts.backlog - FEW)
    many = _milliseconds_of_a_claim(url)
    progress(f"backlog: draining {amounts.backlog:,} events")
    drained = drain(contender, url, amounts.backlog)
    figure: Figure = {
        "events": amounts.backlog,
        "claim_ms_few": few,
        "claim_ms_many": many,
        "drain_s": drained.seconds,
        "megabytes_before": drained.megabytes_before,
        "megabytes_most": drained.megabytes,
        "out_of_order": drained.out_of_order,
    }
    return Answer(figures={"backlog": [figure]}, tables=[_table(figure)], targets=_targets(figure))


def _milliseconds_of_a_claim(url: str) -> float:
    shop = Shop(url)
    store = SqlStore(shop.engine, shop.outbox.tables)
    lease = store.take_lease(ASKING, timedelta(minutes=1))
    if lease is None:
        raise RuntimeError("somebody else works as the relay of a database of our own")
    times = []
    for _ in range(CLAIMS):
        started = perf_counter()
        store.read(lease, fresh=CLAIMED, late=CLAIMED, known=(), known_late=())
        times.append((perf_counter() - started) * 1_000)
    store.release_lease(lease)
    store.close()
    shop.close()
    return median(times)


def _table(figure: Figure) -> Table:
    table = Table(title="what a backlog costs, PostgreSQL", columns=("", "measured", ""))
    events = f"{figure['events']:,}"
    table.add(f"claim of {CLAIMED}, {FEW:,} events pending", f"{figure['claim_ms_few']:.2f}", "ms")
    table.add(f"claim of {CLAIMED}, {events} pending", f"{figure['claim_ms_many']:.2f}", "ms")
    table.add(f"draining {events} events", f"{figure['drain_s']:.1f}", "s")
    table.add("the relay's memory before", f"{figure['megabytes_before']:.0f}", "MB")
    table.add("the most that it took", f"{figure['megabytes_most']:.0f}", "MB")
    return table


def _targets(figure: Figure) -> list[Target]:
    few, many = float(figure["claim_ms_few"] or 0), float(figure["claim_ms_many"] or 0)
    drained = float(figure["drain_s"] or 0) * A_MILLION / float(figure["events"] or 1)
    return [
        Target(
            what=f"claim with {figure['events']:,} events pending, PostgreSQL",
            against=f"{FEW:,} pending",
            measured=many / few,
            must=2,
            aim=1.1,
        ),
        Target(
            what="drain 1,000,000 events, PostgreSQL",
            against="-",
            measured=drained,
            must=25,
            aim=10,
            unit="s",
            decimals=1,
        ),
    ]
