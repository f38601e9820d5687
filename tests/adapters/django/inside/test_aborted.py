"""`after_commit` in a transaction that an error has broken, or seems to have."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved
from tests.adapters.django.inside.billing.models import write, written
from tests.adapters.django.inside.rolling_back import fail_in_sql, rolled_back
from typedbus import Bus
from typedbus.adapters.django import after_commit

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def noting_bus(bus: Bus[BillingEvent], log: list[str]) -> Bus[BillingEvent]:
    """Return a bus with one handler, which notes the numbers after the commit."""
    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append(str(event.number))))
    return bus


def approve(bus: Bus[BillingEvent], number: int) -> None:
    """Write and publish."""
    write(number)
    bus.publish(InvoiceApproved(number=number))


def test_a_transaction_marked_for_rollback_delivers_nothing(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """It is left without an error, and rolled back all the same."""
    with transaction.atomic():
        approve(noting_bus, 1)
        transaction.set_rollback(True)

    assert (log, written()) == ([], [])


def test_an_error_that_breaks_the_transaction_delivers_nothing(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """An inner block without a savepoint breaks the outer one, though its error is caught."""
    with transaction.atomic():
        approve(noting_bus, 1)
        with rolled_back(savepoint=False):
            approve(noting_bus, 2)
        noting_bus.publish(InvoiceApproved(number=3))

    assert (log, written()) == ([], [])


@pytest.mark.parametrize("when", ["before publishing", "after publishing"])
def test_an_error_of_the_database_that_is_caught_delivers_what_is_written(
    noting_bus: Bus[BillingEvent], log: list[str], when: str
) -> None:
    """PostgreSQL then answers COMMIT by a rollback, and Django does not notice; others commit."""
    with transaction.atomic():
        write(1)
        if when == "before publishing":
            fail_in_sql()
        noting_bus.publish(InvoiceApproved(number=1))
        if when == "after publishing":
            fail_in_sql()

    assert log == [str(number) for number in written()]


def test_an_error_before_the_database_was_asked_delivers_what_is_written(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """The driver refuses the statement, and the transaction is as good as before."""
    no_parameter: Any = object()  # typed as any, for a type checker would refuse it too

    with transaction.atomic():
        approve(noting_bus, 1)
        with suppress(Exception), connection.cursor() as cursor:
            cursor.execute("SELECT %s", [no_parameter])

    assert (log, written()) == (["1"], [1])


def test_an_error_of_the_database_in_a_savepoint_delivers_the_rest(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Rolling the savepoint back mends the transaction, whatever was done with the error."""
    with transaction.atomic():
        approve(noting_bus, 1)
        with rolled_back():
            approve(noting_bus, 2)
            fail_in_sql()

    assert (log, written()) == (["1"], [1])


def test_an_aborted_transaction_does_not_keep_the_next_one_from_delivering(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """The connection is kept, and nothing of the error."""
    with transaction.atomic():
        approve(noting_bus, 1)
        fail_in_sql()
    log.clear()

    with transaction.atomic():
        approve(noting_bus, 2)

    assert log == ["2"]


@pytest.mark.parametrize("failing", ["handler", "callback of the user's own"])
def test_an_error_of_the_database_after_the_commit_keeps_no_handler_from_running(
    noting_bus: Bus[BillingEvent], log: list[str], failing: str
) -> None:
    """It aborts another transaction: that one is committed."""

    def fail() -> None:
        with transaction.atomic():
            fail_in_sql()

    bus = Bus(BillingEvent)
    bus.subscribe(InvoiceApproved, after_commit(lambda event: fail()))

    with transaction.atomic():
        if failing == "handler":
            bus.publish(InvoiceApproved(number=1))
        else:
            transaction.on_commit(fail)
        approve(noting_bus, 1)
        approve(noting_bus, 2)

    assert log == ["1", "2"]


def test_a_savepoint_saves_the_transaction_from_an_error_of_the_database(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """It goes on after the savepoint is rolled back, and so does what was published in it."""
    with transaction.atomic():
        approve(noting_bus, 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            write(1)

    assert (log, written()) == (["1"], [1])
