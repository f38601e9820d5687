"""How fast events are published in one transaction, against a plain insert of as many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from time import perf_counter

from sqlalchemy import JSON, BigInteger, Column, Identity, Integer, Table, insert
from sqlalchemy.orm import Mapped, Session, mapped_column, registry

from benchmarks.command import Progress
from benchmarks.outbox.amounts import Amounts
from benchmarks.outbox.databases import POSTGRESQL, Databases
from benchmarks.outbox.orders import OrderPlaced, orders
from benchmarks.outbox.shop import Shop
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table as Printed

MUST, AIM = 40_000, 80_000
ROUNDS = 5
"""How many rounds each round of the relays is worth: these are short."""
BY_CORE = "insert() of Core, one table"


@dataclass
class Way:
    """One way to write events in a transaction."""

    name: str
    write: Callable[[list[OrderPlaced]], None]
    rates: list[float] = field(default_factory=list)
    """Events a second, one figure a round."""

    def once(self, events: list[OrderPlaced]) -> None:
        """Write *events*, and remember how fast it went."""
        started = perf_counter()
        self.write(events)
        self.rates.append(len(events) / (perf_counter() - started))

    def ratio_to(self, reference: Way) -> float:
        """Return the median of the ratios that each round gave."""
        return median(ours / its for ours, its in zip(self.rates, reference.rates, strict=True))


def ask(amounts: Amounts, databases: Databases, progress: Progress) -> Answer:
    """Publish events in one transaction, on each database."""
    table = Printed(
        title=f"{amounts.published:,} events written in one transaction, events a second",
        columns=("", "on", "events/s", "(most)", "x Core"),
    )
    figures: list[Figure] = []
    targets = []
    for kind in databases.kinds:
        progress(f"publishing, {kind}")
        shop = Shop(databases.new(kind))
        ways = _ways(shop)
        for _ in range(amounts.rounds * ROUNDS):
            for way in ways:
                way.once(list(orders(amounts.published)))
        shop.close()
        by_core = ways[0]
        for way in ways:
            figures.append(
                {
                    "contender": way.name,
                    "on": kind,
                    "events_per_second": round(median(way.rates)),
                    "ratio_to_core": round(way.ratio_to(by_core), 3),
                }
            )
            table.add(
                way.name,
                kind,
                f"{median(way.rates):,.0f}",
                f"({max(way.rates):,.0f})",
                f"{way.ratio_to(by_core):.2f}",
            )
        if kind == POSTGRESQL:
            targets.append(
                Target(
                    what="publish in one transaction, PostgreSQL",
                    against="-",
                    measured=median(ways[-1].rates),
                    must=MUST,
                    aim=AIM,
                    unit="/s",
                    decimals=0,
                    more_is_better=True,
                )
            )
    return Answer(figures={"publishing": figures}, tables=[table], targets=targets)


def _ways(shop: Shop) -> list[Way]:
    core = Table(
        "core_outbox",
        shop.metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
        Column("body", JSON),
    )
    mapped = _mapped_outbox(shop)

    def by_core(events: list[OrderPlaced]) -> None:
        with shop.engine.begin() as connection:
            connection.execute(insert(core), [{"body": asdict(event)} for event in events])

    def by_orm(events: list[OrderPlaced]) -> None:
        with Session(shop.engine) as session, session.begin():
            session.add_all(mapped(body=asdict(event)) for event in events)

    shop.handle(_nothing)
    shop.create_tables()
    return [
        Way(BY_CORE, by_core),
        Way("add_all() of the ORM", by_orm),
        Way("typedbus", shop.publish),
    ]


def _mapped_outbox(shop: Shop) -> Callable[..., object]:
    class Outgoing:
        __tablename__ = "orm_outbox"
        id: Mapped[int] = mapped_column(primary_key=True)
        body: Mapped[dict[str, object]] = mapped_column(JSON)

        def __init__(self, body: dict[str, object]) -> None:
            self.body = body

    return registry(metadata=shop.metadata).mapped(Outgoing)


def _nothing(event: OrderPlaced) -> None:
    pass
