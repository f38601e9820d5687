"""The same with Django's own TestCase, which never commits."""

from decimal import Decimal

from django.test import TestCase
from django.utils import timezone

from typedbus import context, tenant_scope
from updo360.accounting.models import SentMail
from updo360.audit.models import AuditLine
from updo360.invoices.models import Invoice
from updo360.invoices.use_cases import ApproveInvoice
from updo360.share_kernel.event_bus import bus
from updo360.tenants.use_cases import CreateTenant


class ApprovingTests(TestCase):
    def test_an_approval_is_mailed_once_the_commit_is_done(self) -> None:
        """`captureOnCommitCallbacks` runs what waits for the commit, without any patch of ours."""
        CreateTenant(bus).execute("acme", "Acme")

        with tenant_scope("acme"), context(correlation_id="request-1"):
            invoice = Invoice.objects.create(
                number="inv-001", customer="bob@example.com", total=Decimal(1500)
            )
            with self.captureOnCommitCallbacks(execute=True):
                ApproveInvoice(bus).execute(invoice.id, timezone.now())
            mail = SentMail.objects.get()
            mailed = AuditLine.objects.get(event="ApprovalMailed")

        assert mail.to == "bob@example.com"
        assert mailed.correlation_id == "request-1"
