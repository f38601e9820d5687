"""What happens in the transaction of an approval, and what once it is committed."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from typedbus.adapters.django import after_commit
from updo360.accounting.models import ClosedMonth, LedgerEntry, SentMail, balance
from updo360.audit.models import AuditLine
from updo360.invoices.events import InvoiceApproved
from updo360.invoices.models import Invoice
from updo360.invoices.use_cases import ApproveInvoice
from updo360.share_kernel.event_bus import bus


class Published(list[InvoiceApproved]):
    """A publisher without a bus: `Publisher` asks for one method and no base class."""

    def publish(self, event: InvoiceApproved) -> None:
        self.append(event)


def test_the_use_case_is_content_with_anything_that_publishes(invoice: Invoice) -> None:
    """No global to reach for: it gets its publisher as an argument, and so does its test."""
    published = Published()
    now = timezone.now()

    ApproveInvoice(published).execute(invoice.id, now)

    assert published == [
        InvoiceApproved(
            invoice_id=invoice.id,
            number="inv-001",
            customer="bob@example.com",
            total=Decimal("1500.00"),
            approved_at=now,
        )
    ]


def test_a_handler_in_the_transaction_writes_with_the_use_case(
    acme: Client, invoice: Invoice
) -> None:
    """The ledger has the invoice although nothing is committed yet."""
    response = acme.post(f"/invoices/{invoice.id}/approve")

    assert response.status_code == 200
    assert LedgerEntry.objects.filter(text="invoice inv-001", amount=1500).exists()


def test_a_handler_that_raises_refuses_the_approval(
    acme: Client,
    invoice: Invoice,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """Everything is as before: the invoice, the ledger, the audit log, and no mail is owed."""
    ClosedMonth.objects.create(month=timezone.now().date().replace(day=1))

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        response = acme.post(f"/invoices/{invoice.id}/approve")

    invoice.refresh_from_db()
    assert response.status_code == 409
    assert "its books are closed" in response.json()["error"]
    assert invoice.approved_at is None
    assert not LedgerEntry.objects.filter(text="invoice inv-001").exists()
    assert not AuditLine.objects.filter(event="InvoiceApproved").exists()
    assert callbacks == []


def test_an_invoice_is_approved_once(acme: Client, invoice: Invoice) -> None:
    """The second approval is refused, and nobody hears of it."""
    statuses = [acme.post(f"/invoices/{invoice.id}/approve").status_code for _ in range(2)]

    assert statuses == [200, 409]
    assert AuditLine.objects.filter(event="InvoiceApproved").count() == 1


def test_the_mail_waits_for_the_commit(
    acme: Client,
    invoice: Invoice,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """Nothing leaves before; then the customer is told, and the invoice knows of it."""
    with django_capture_on_commit_callbacks() as callbacks:
        acme.post(f"/invoices/{invoice.id}/approve")
    before = SentMail.objects.count()

    for callback in callbacks:
        callback()

    invoice.refresh_from_db()
    assert before == 0
    assert SentMail.objects.get().subject == "Invoice inv-001 is approved"
    assert invoice.customer_knows


def test_a_task_that_comes_twice_mails_once(
    acme: Client,
    invoice: Invoice,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """A broker delivers at least once; the id in the envelope tells a repeated event."""
    with django_capture_on_commit_callbacks() as callbacks:
        acme.post(f"/invoices/{invoice.id}/approve")

    for callback in [*callbacks, *callbacks]:
        callback()

    assert SentMail.objects.count() == 1
    assert AuditLine.objects.filter(event="ApprovalMailed").count() == 1


def test_what_is_rolled_back_is_not_mailed(
    invoice: Invoice, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """A transaction around the use case takes everything back, whatever it was about to do."""
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        ApproveInvoice(bus).execute(invoice.id, timezone.now())
        transaction.set_rollback(True)

    assert callbacks == []
    assert not AuditLine.objects.filter(event="InvoiceApproved").exists()


def test_the_balance_is_counted_anew_once_the_entry_is_committed(
    invoice: Invoice, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Forgotten any earlier, another request could put the old sum back into the cache."""
    balances = [balance()]

    with django_capture_on_commit_callbacks(execute=True):
        ApproveInvoice(bus).execute(invoice.id, timezone.now())
        balances.append(balance())
    balances.append(balance())

    assert balances == [0, 0, 1500]


def test_a_handler_that_fails_after_the_commit_stops_nobody(
    acme: Client,
    invoice: Invoice,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The others run, the request succeeds, and the log names the one that failed."""
    approved: list[datetime] = []

    with (
        bus.subscribe(InvoiceApproved, after_commit(fail)),
        bus.subscribe(InvoiceApproved, after_commit(lambda e: approved.append(e.approved_at))),
        django_capture_on_commit_callbacks(execute=True),
    ):
        response = acme.post(f"/invoices/{invoice.id}/approve")

    assert response.status_code == 200
    assert len(approved) == 1
    assert "fail failed on updo360.invoices.events.InvoiceApproved" in caplog.text


def fail(event: InvoiceApproved) -> None:
    """Fail, as a handler that needs another machine does one day."""
    raise ConnectionError("the search engine is away")
