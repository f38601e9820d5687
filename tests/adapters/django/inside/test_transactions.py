"""`after_commit` follows the transaction: what was rolled back was never said."""

from functools import partial

import pytest
from django.db import connection, transaction

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved, InvoicePaid
from tests.adapters.django.inside.billing.models import write, written
from tests.adapters.django.inside.rolling_back import rolled_back
from typedbus import Bus
from typedbus.adapters.django import after_commit
from typedbus.core.errors import ManualCommitError

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


def test_handlers_run_when_the_transaction_is_committed(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """They wait for the outermost block, and see what it has written."""
    noting_bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append(str(written()))))

    with transaction.atomic():
        with transaction.atomic():
            approve(noting_bus, 1)
        log.append("inner block left")

    assert log == ["inner block left", "1", "[1]"]


def test_handlers_keep_their_order_among_callbacks_of_the_users_own(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """What was asked for first is done first, whoever asked."""
    with transaction.atomic():
        transaction.on_commit(partial(log.append, "callback before"))
        approve(noting_bus, 1)
        transaction.on_commit(partial(log.append, "callback between"))
        approve(noting_bus, 2)

    assert log == ["callback before", "1", "callback between", "2"]


def test_without_a_transaction_handlers_run_at_once(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Each statement is committed by itself, so there is nothing to wait for."""
    approve(noting_bus, 1)
    log.append("published")

    assert log == ["1", "published"]


def test_a_transaction_that_is_rolled_back_delivers_nothing(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Neither then nor with the next commit."""
    with rolled_back():
        approve(noting_bus, 1)
    with transaction.atomic():
        approve(noting_bus, 2)

    assert (log, written()) == (["2"], [2])


def test_a_savepoint_that_is_rolled_back_drops_what_was_published_in_it(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """The rest is delivered, in its order."""
    with transaction.atomic():
        approve(noting_bus, 1)
        with rolled_back():
            approve(noting_bus, 2)
            with transaction.atomic():
                approve(noting_bus, 3)
        approve(noting_bus, 4)

    assert (log, written()) == (["1", "4"], [1, 4])


def test_a_durable_transaction_delivers_when_it_is_committed(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """It is the outermost one by its own promise."""
    with transaction.atomic(durable=True):
        approve(noting_bus, 1)
        log.append("published")

    assert log == ["published", "1"]


def test_a_handler_may_publish_again(noting_bus: Bus[BillingEvent], log: list[str]) -> None:
    """The transaction is over: what it publishes is delivered at once, before what comes next."""

    def publish_again(event: InvoicePaid) -> None:
        noting_bus.publish(InvoiceApproved(number=10 * event.number))
        log.append("published again")

    noting_bus.subscribe(InvoicePaid, after_commit(publish_again))

    with transaction.atomic():
        noting_bus.publish(InvoicePaid(number=1))
        noting_bus.publish(InvoicePaid(number=2))

    assert log == ["10", "published again", "20", "published again"]


def test_what_a_handler_writes_is_not_lost(noting_bus: Bus[BillingEvent], log: list[str]) -> None:
    """Its statements are committed one by one, or in a transaction that it opens itself."""

    def write_and_publish(event: InvoicePaid) -> None:
        write(2)
        with transaction.atomic():
            approve(noting_bus, 3)
            log.append("about to commit")

    noting_bus.subscribe(InvoicePaid, after_commit(write_and_publish))

    with transaction.atomic():
        write(1)
        noting_bus.publish(InvoicePaid(number=1))

    assert (log, written()) == (["about to commit", "3"], [1, 2, 3])


def test_a_handler_whose_transaction_is_rolled_back_disturbs_no_other(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """What it wrote is gone; the handlers behind it run, and see the rest."""

    def fail(event: InvoicePaid) -> None:
        with transaction.atomic():
            approve(noting_bus, 3)
            raise RuntimeError

    noting_bus.subscribe(InvoicePaid, after_commit(fail))
    noting_bus.subscribe(InvoicePaid, after_commit(lambda event: log.append(str(written()))))

    with transaction.atomic():
        write(1)
        noting_bus.publish(InvoicePaid(number=1))

    assert log == ["[1]"]


@pytest.mark.parametrize("connected", [True, False])
def test_a_connection_that_is_committed_by_hand_refuses(
    noting_bus: Bus[BillingEvent], log: list[str], *, connected: bool
) -> None:
    """With autocommit off Django tells nobody of a commit: waiting would be for ever."""
    if connected:
        written()
    transaction.set_autocommit(False)

    try:
        with pytest.raises(ExceptionGroup) as caught:
            noting_bus.publish(InvoiceApproved(number=1))
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)

    (error,) = caught.value.exceptions
    assert isinstance(error, ManualCommitError)
    for told in ("InvoiceApproved", "noting_bus", "'default'", "transaction.atomic("):
        assert told in str(error)
    assert log == []


def test_publishing_does_not_connect(noting_bus: Bus[BillingEvent], log: list[str]) -> None:
    """Without a connection there is no transaction: handlers run at once."""
    connection.close()

    noting_bus.publish(InvoiceApproved(number=1))

    assert log == ["1"]
    assert connection.connection is None


def test_a_block_inside_of_a_connection_that_is_committed_by_hand_waits_for_that(
    noting_bus: Bus[BillingEvent], log: list[str]
) -> None:
    """Django runs its callbacks when autocommit is turned on again."""
    transaction.set_autocommit(False)

    with transaction.atomic():
        approve(noting_bus, 1)
    transaction.commit()
    log.append("committed")
    transaction.set_autocommit(True)

    assert log == ["committed", "1"]
