"""What one durable event adds to a request that writes one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from sqlalchemy import JSON, String, event, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from benchmarks.command import Progress
from benchmarks.measure import Effort, Timing, measure
from benchmarks.outbox.databases import MARIADB, Databases, broker
from benchmarks.outbox.engines import engine_of
from benchmarks.outbox.orders import OrderPlaced, orders
from benchmarks.results import Answer, Figure, Target, figures_of
from benchmarks.tables import Table
from benchmarks.workload import Contender, Workload
from typedbus import Bus, Event
from typedbus.adapters.sqlalchemy import Outbox, transaction

MUST, AIM = -25.0, -15.0
MOST_ROUNDS = 300
ALONE = "the row alone"

Request = Callable[[], None]


class Base(DeclarativeBase):
    """The tables of a request."""


class Order(Base):
    __tablename__ = "order_of_benchmark"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(String(100))


class Outgoing(Base):
    """An outbox as one writes it by hand."""

    __tablename__ = "outgoing_of_benchmark"
    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    body: Mapped[dict[str, object]] = mapped_column(JSON)


def ask(effort: Effort, databases: Databases, progress: Progress) -> Answer:
    """Time requests on each database, with each way to tell of them."""
    effort = replace(effort, rounds=min(effort.rounds, MOST_ROUNDS))
    figures: list[Figure] = []
    tables, targets = [], []
    with broker() as valkey:
        for kind in databases.kinds:
            progress(f"requests, {kind}")
            timings = measure(_contenders(databases.new(kind), valkey), effort)
            alone, ours = timings[0], timings[-1]
            figures += [{"on": kind, **each} for each in figures_of(timings, alone=alone)]
            tables.append(_table(kind, timings))
            if kind != MARIADB:
                targets.append(
                    Target(
                        what=f"one durable event in a one-row request, {kind}",
                        against="the row alone",
                        measured=_change(ours, alone),
                        must=MUST,
                        aim=AIM,
                        unit="%",
                        decimals=0,
                        more_is_better=True,
                    )
                )
    return Answer(figures={"requests": figures}, tables=tables, targets=targets)


def _change(timing: Timing, alone: Timing) -> float:
    """Return by how many percent fewer requests a second there are."""
    return (1 / timing.ratio_to(alone) - 1) * 100


def _contenders(url: str, valkey: str) -> list[Contender]:
    workload = Workload(count=0)
    return [
        Contender(name=name, statement="request()", workload=workload, names={"request": request})
        for name, request in _requests(url, valkey).items()
    ]


def _requests(url: str, valkey: str) -> dict[str, Request]:
    engine = engine_of(url)
    [order] = orders(1)
    plain = sessionmaker[Session](engine)
    telling = sessionmaker[Session](engine)
    durable = sessionmaker[Session](engine)
    outbox = Outbox(durable, Base.metadata)
    bus = Bus(Event)
    bus.on(OrderPlaced, via=outbox.durable("benchmark", key=_order_id))(_nothing)
    Base.metadata.create_all(engine)
    send = _sender(valkey)

    @event.listens_for(telling, "after_commit")
    def send_all(session: Session) -> None:
        send(**asdict(order))

    def with_orm(session: Session) -> None:
        session.add(Outgoing(type="order.placed", body=asdict(order)))

    def with_core(session: Session) -> None:
        session.execute(insert(Outgoing).values(type="order.placed", body=asdict(order)))

    def request(sessions: sessionmaker[Session], tell: Callable[[Session], None]) -> Request:
        def run() -> None:
            with transaction(sessions) as session:
                session.add(Order(customer="Ada"))
                session.flush()
                tell(session)

        return run

    return {
        ALONE: request(plain, lambda session: None),
        "Celery's delay() after the commit, not durable": request(telling, lambda session: None),
        "an outbox row by the ORM": request(plain, with_orm),
        "an outbox row by insert() of Core": request(plain, with_core),
        "typedbus: a durable event": request(durable, lambda session: bus.publish(order)),
    }


def _sender(valkey: str) -> Callable[..., object]:
    from celery import Celery

    app = Celery("benchmark", broker=valkey, set_as_current=False)
    app.conf.task_ignore_result = True

    def told(**order: object) -> None:
        """Never run: no worker is there."""

    send: Callable[..., object] = app.task(name="benchmark.told")(told).delay
    return send


def _order_id(order: OrderPlaced) -> str:
    return order.order_id


def _nothing(event: OrderPlaced) -> None:
    pass


def _table(kind: str, timings: list[Timing]) -> Table:
    alone = timings[0]
    table = Table(
        title=f"a request that writes one row, {kind}",
        columns=("", "us", "requests/s", "against the row alone"),
    )
    for timing in timings:
        change = "" if timing is alone else f"{_change(timing, alone):+.0f} %"
        table.add(
            timing.contender.name,
            f"{timing.median / 1000:,.0f}",
            f"{1e9 / timing.median:,.0f}",
            change,
        )
    return table
