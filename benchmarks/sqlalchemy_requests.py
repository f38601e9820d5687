"""Requests that write one row through a Session of SQLAlchemy."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

from benchmarks.billing import (
    BillingEvent,
    InvoiceApproved,
    Requests,
    approved,
    celery_app,
    email,
    invalidate_cache,
)
from typedbus import Bus
from typedbus.adapters.celery import CeleryDelivery
from typedbus.adapters.sqlalchemy import after_commit, introduce

_PENDING = "benchmark.pending"


class Base(DeclarativeBase):
    """A table of the benchmark."""


class Invoice(Base):
    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


def requests(url: str, file: Path | None) -> Requests:
    """Return the requests; Celery's broker is at *url*, the rows in *file* or in memory."""
    engine = create_engine(f"sqlite:///{file or ''}", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    app = celery_app(url)
    mail = app.task(name="by_hand.email")(email)

    def invalidate(session: Session, invoice_id: int) -> None:
        _on_commit(session, partial(invalidate_cache, approved(invoice_id)))

    def invalidate_and_mail(session: Session, invoice_id: int) -> None:
        invalidate(session, invoice_id)
        payload = {"invoice_id": invoice_id, "customer": "Ada", "total": "1500.00"}
        _on_commit(session, partial(mail.delay, payload))

    by_hand = _sessions_by_hand(engine)
    ours = introduce(sessionmaker[Session](engine))
    return Requests(
        alone=_request(sessionmaker[Session](engine), lambda session, invoice_id: None),
        commit_by_hand=_request(by_hand, invalidate),
        commit=_request(ours, _publishing(_bus())),
        celery_by_hand=_request(by_hand, invalidate_and_mail),
        celery=_request(ours, _publishing(_bus(CeleryDelivery(app)))),
    )


def _request(
    sessions: "sessionmaker[Session]", publish: Callable[[Session, int], None]
) -> Callable[[], None]:
    def request() -> None:
        with sessions.begin() as session:
            invoice = Invoice(customer="Ada")
            session.add(invoice)
            session.flush()
            publish(session, invoice.id)

    return request


def _publishing(bus: Bus[BillingEvent]) -> Callable[[Session, int], None]:
    return lambda session, invoice_id: bus.publish(approved(invoice_id))


def _bus(tasks: CeleryDelivery | None = None) -> Bus[BillingEvent]:
    bus = Bus(BillingEvent)
    bus.on(InvoiceApproved, via=after_commit)(invalidate_cache)
    if tasks is not None:
        bus.on(InvoiceApproved, via=tasks.deliver("benchmark.email"))(email)
    return bus


def _sessions_by_hand(engine: Engine) -> "sessionmaker[Session]":
    """Return a maker whose sessions call what `_on_commit` keeps, as one would write it."""
    sessions = sessionmaker[Session](engine)

    @event.listens_for(sessions, "after_commit")
    def run(session: Session) -> None:
        for call in session.info.pop(_PENDING, ()):
            call()

    return sessions


def _on_commit(session: Session, call: Callable[[], object]) -> None:
    session.info.setdefault(_PENDING, []).append(call)
