"""What accounting does when something happens: found by typedbus when Django starts."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from typedbus import Backoff, current_envelope
from typedbus.adapters.django import after_commit
from updo360.accounting.events import ApprovalMailed
from updo360.accounting.models import ClosedMonth, LedgerEntry, SentMail, forget_balance
from updo360.celery import tasks
from updo360.invoices.events import InvoiceApproved
from updo360.share_kernel.event_bus import RefusedError, bus
from updo360.tenants.events import TenantCreated


class MonthClosedError(RefusedError):
    """Nothing is entered into a month whose books are closed."""

    def __init__(self, moment: datetime, /) -> None:
        super().__init__(moment)
        self.moment = moment

    def __str__(self) -> str:
        return f"Cannot enter anything into {self.moment:%Y-%m}: its books are closed."


@bus.on(TenantCreated)
def open_ledger(event: TenantCreated) -> None:
    """Give a new tenant a ledger, in the transaction that takes it in."""
    LedgerEntry.objects.create(text=f"opened for {event.name}", amount=Decimal(0))


@bus.on(InvoiceApproved)
def enter_in_ledger(event: InvoiceApproved) -> None:
    """Enter the invoice in the transaction that approves it: both are there, or none."""
    month = event.approved_at.date().replace(day=1)
    if ClosedMonth.objects.filter(month=month).exists():
        raise MonthClosedError(event.approved_at)
    LedgerEntry.objects.create(text=f"invoice {event.number}", amount=event.total)


@bus.on(InvoiceApproved, via=after_commit)
def update_accounting_cache(event: InvoiceApproved) -> None:
    """Forget the balance once the entry is committed: local, and too quick for a task."""
    forget_balance()


@bus.on(
    InvoiceApproved,
    via=tasks.deliver("accounting.email", retry=Backoff(tries=5, first=timedelta(seconds=10))),
)
def send_approval_email(event: InvoiceApproved) -> None:
    """Tell the customer, in a worker; once, even if the task comes twice."""
    mail = {"to": event.customer, "subject": f"Invoice {event.number} is approved"}
    with transaction.atomic():
        _, is_new = SentMail.objects.get_or_create(mail, event_id=current_envelope().id)
        if is_new:
            bus.publish(ApprovalMailed(invoice_id=event.invoice_id, to=event.customer))
