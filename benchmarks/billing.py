"""The event, the handlers and the tasks that both frameworks are timed with."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from celery import Celery

from typedbus import Event, event


class BillingEvent(Event):
    """Something happened in billing."""


@event(name="benchmarks.invoice.approved")
class InvoiceApproved(BillingEvent):
    invoice_id: int
    customer: str
    total: Decimal


Request = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Requests:
    """The same request, in each of the ways that are compared."""

    alone: Request
    commit_by_hand: Request
    commit: Request
    celery_by_hand: Request
    celery: Request


def celery_app(url: str) -> Celery:
    """Return an app on the broker at *url*."""
    return Celery("benchmark", broker=url, set_as_current=False)


def approved(invoice_id: int) -> InvoiceApproved:
    """Return what happened."""
    return InvoiceApproved(invoice_id=invoice_id, customer="Ada", total=Decimal("1500.00"))


def invalidate_cache(event: InvoiceApproved) -> None:
    """Do nothing: what is timed is the way to it."""


def email(event: InvoiceApproved) -> None:
    """Never run: no worker is there."""
