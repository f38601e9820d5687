"""A handler that fails after the commit: others run, it is logged, nothing is undone."""

import logging

import pytest
from django.db import transaction

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved
from tests.adapters.django.inside.billing.models import write, written
from typedbus import Bus, Decision, Failure
from typedbus.adapters.django import after_commit
from typedbus.core.policies import OnError

pytestmark = pytest.mark.django_db(transaction=True)


class MailError(Exception):
    pass


def failing(event: InvoiceApproved) -> None:
    """Fail."""
    raise MailError("no route to host")


def approve_by(bus: Bus[BillingEvent]) -> None:
    """Write and publish in a transaction."""
    with transaction.atomic():
        write(4711)
        bus.publish(InvoiceApproved(number=4711))


def test_a_handler_that_fails_keeps_no_other_from_running(
    bus: Bus[BillingEvent], log: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does it fail the code that committed: what that wrote stays."""
    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("before")))
    bus.subscribe(InvoiceApproved, after_commit(failing))
    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("after")))

    approve_by(bus)

    assert (log, written()) == (["before", "after"], [4711])


def test_a_failure_is_logged_by_name(
    bus: Bus[BillingEvent], caplog: pytest.LogCaptureFixture
) -> None:
    """The handler, the event, the traceback; not what the event holds."""
    bus.subscribe(InvoiceApproved, after_commit(failing))

    approve_by(bus)

    (record,) = caplog.records
    assert (record.name, record.levelno) == ("typedbus", logging.ERROR)
    assert "test_failures.failing failed on" in record.getMessage()
    assert "InvoiceApproved" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is MailError
    assert "4711" not in record.getMessage()


@pytest.mark.parametrize("on_error", ["raise", "collect"])
def test_what_a_policy_raises_goes_to_django(
    bus: Bus[BillingEvent],
    log: list[str],
    caplog: pytest.LogCaptureFixture,
    on_error: OnError,
) -> None:
    """It logs it, as it does for a robust callback; nobody is left to raise it to."""
    bus.subscribe(InvoiceApproved, after_commit(failing), on_error=on_error)
    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("after")))

    approve_by(bus)

    (record,) = caplog.records
    assert record.name == "django.db.backends.base"
    assert "test_failures.failing on" in record.getMessage()
    assert "no route to host" in record.getMessage()
    assert "4711" not in record.getMessage()
    assert log == ["after"]


def test_the_policy_of_the_bus_is_for_what_runs_inside_of_publish(
    log: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A bus that raises does not raise after the commit: the failure is logged."""
    bus = Bus(BillingEvent, on_error="raise")
    bus.subscribe(InvoiceApproved, after_commit(failing))

    approve_by(bus)

    assert [record.name for record in caplog.records] == ["typedbus"]


def test_a_policy_of_the_subscription_judges_the_failure(
    bus: Bus[BillingEvent], caplog: pytest.LogCaptureFixture
) -> None:
    """A function of one's own sees which handler failed on what."""
    seen = list[Failure]()

    def remember(failure: Failure) -> Decision:
        seen.append(failure)
        return Decision.IGNORE

    bus.subscribe(InvoiceApproved, after_commit(failing), on_error=remember)

    approve_by(bus)

    assert [(each.event, str(each.error)) for each in seen] == [
        (InvoiceApproved(number=4711), "no route to host")
    ]
    assert caplog.records == []


def test_without_a_transaction_a_failure_is_the_publishers(bus: Bus[BillingEvent]) -> None:
    """The handler runs inside of publish then, and the policy of the bus applies."""
    bus.subscribe(InvoiceApproved, after_commit(failing))

    with pytest.raises(ExceptionGroup, match="no route to host"):
        bus.publish(InvoiceApproved(number=1))


def test_what_is_no_exception_is_not_held_back(bus: Bus[BillingEvent], log: list[str]) -> None:
    """Ctrl-C in a handler ends the program, not the handler alone."""

    def interrupted(event: InvoiceApproved) -> None:
        raise KeyboardInterrupt

    bus.subscribe(InvoiceApproved, after_commit(interrupted))

    with pytest.raises(KeyboardInterrupt):
        approve_by(bus)
