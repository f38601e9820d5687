"""Events as contracts: what must be given, what arrives, who listens."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from typedbus import tenant_scope
from updo360.celery import tasks
from updo360.invoices.events import InvoiceApproved
from updo360.share_kernel.event_bus import bus


def test_what_is_required_must_be_given() -> None:
    """No dummy default: an approval without a total cannot be made."""
    with pytest.raises(TypeError, match="total"):
        InvoiceApproved(  # type: ignore[call-arg]  # the mistake that this test is about
            invoice_id=uuid4(), number="i", customer="c", approved_at=datetime.now(UTC)
        )


def test_no_string_names_an_event() -> None:
    """Neither the wire name nor the class's, well spelled or not: the bus wants the class."""
    for name in ("invoice.approved", "InvoiceAproved"):
        with pytest.raises(TypeError, match="write InvoiceApproved"):
            bus.on(name)  # type: ignore[call-overload]  # the mistake that this test is about


def test_what_a_worker_gets_equals_what_was_published(
    db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Decimal, datetime and UUID go through JSON and come out as what they were."""
    arrived: list[InvoiceApproved] = []
    event = InvoiceApproved(
        invoice_id=uuid4(),
        number="inv-001",
        customer="bob@example.com",
        total=Decimal("1500.10"),
        approved_at=datetime.now(UTC),
    )

    with (
        bus.subscribe(InvoiceApproved, tasks.deliver("tests.arrived")(arrived.append)),
        django_capture_on_commit_callbacks(execute=True),
        tenant_scope("acme"),
    ):
        bus.publish(event)

    assert arrived == [event]
    assert arrived[0] is not event


def test_the_handlers_of_every_app_are_there() -> None:
    """Django imported each `handlers.py`, and one can ask who listens, and how."""
    listening = [
        (subscription.name.removeprefix("updo360."), subscription.delivery)
        for subscription in bus.subscriptions(InvoiceApproved)
    ]

    assert listening == [
        ("audit.handlers.write_down", "inline"),
        ("accounting.handlers.enter_in_ledger", "inline"),
        ("accounting.handlers.update_accounting_cache", "after commit"),
        ("accounting.handlers.send_approval_email", "celery accounting.email"),
    ]
