"""Each database has transactions of its own, and each handler waits for one of them."""

import pytest
from django.db import transaction

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved
from tests.adapters.django.inside.billing.models import write, written
from tests.adapters.django.inside.rolling_back import rolled_back
from typedbus import Bus
from typedbus.adapters.django import after_commit
from typedbus.core.transactions import AfterCommit, transactions

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def noting_bus(bus: Bus[BillingEvent], log: list[str]) -> Bus[BillingEvent]:
    """Return a bus with a handler for the commit of each of two databases."""

    @bus.on(InvoiceApproved, via=after_commit)
    def note(event: InvoiceApproved) -> None:
        log.append("default")

    @bus.on(InvoiceApproved, via=after_commit(using="archive"))
    def note_archived(event: InvoiceApproved) -> None:
        log.append(f"archive, written {written('archive')}")

    return bus


def test_a_handler_waits_for_the_commit_of_its_database(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Whichever block was opened first, or is left first."""
    with transaction.atomic(using="archive"):
        with transaction.atomic():
            write(1, using="archive")
            noting_bus.publish(InvoiceApproved(number=1))
        log.append("archiving")

    assert log == ["default", "archiving", "archive, written [1]"]


def test_a_handler_does_not_wait_for_another_database(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Its own has no transaction here."""
    with transaction.atomic():
        noting_bus.publish(InvoiceApproved(number=1))
        log.append("published")

    assert log == ["archive, written []", "published", "default"]


def test_what_is_rolled_back_in_one_database_is_delivered_for_the_other(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """There is no transaction over both."""
    with transaction.atomic(), rolled_back(using="archive"):
        noting_bus.publish(InvoiceApproved(number=1))

    assert log == ["default"]


def test_a_subscription_says_which_commit_it_waits_for(noting_bus: Bus[BillingEvent]) -> None:
    """The default one needs no name."""
    deliveries = [each.delivery for each in noting_bus.subscriptions()]

    assert deliveries == ["after commit", "after commit of 'archive'"]


@pytest.mark.parametrize("using", ["default", "archive"])
def test_what_waits_for_any_transaction_finds_djangos(
    bus: Bus[BillingEvent], log: list[str], using: str
) -> None:
    """The app makes the connections known to what hands events to another process."""
    of_any = AfterCommit(transactions)
    bus.subscribe(InvoiceApproved, of_any(lambda event: log.append("handler")))

    with transaction.atomic(using=using):
        bus.publish(InvoiceApproved(number=1))
        log.append("published")

    assert log == ["published", "handler"]


def test_what_waits_for_any_transaction_prefers_the_default_database(
    bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Two may be open, and only one can be waited for."""
    of_any = AfterCommit(transactions)
    bus.subscribe(InvoiceApproved, of_any(lambda event: log.append("handler")))

    with transaction.atomic(using="archive"):
        with transaction.atomic():
            bus.publish(InvoiceApproved(number=1))
        log.append("archiving")

    assert log == ["handler", "archiving"]
