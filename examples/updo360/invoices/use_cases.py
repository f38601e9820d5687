"""What one can do with invoices."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from typedbus import Publisher
from updo360.invoices.events import InvoiceApproved
from updo360.invoices.models import Invoice
from updo360.share_kernel.event_bus import RefusedError


class ApprovedAlreadyError(RefusedError):
    """An invoice is approved once."""

    def __init__(self, number: str, /) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return f"Cannot approve the invoice {self.number!r} again: it is approved already."


class ApproveInvoice:
    """The use case that publishes `InvoiceApproved`."""

    def __init__(self, events: Publisher[InvoiceApproved]) -> None:
        self._events = events

    def execute(self, invoice_id: UUID, at: datetime) -> Invoice:
        """Approve an invoice of this tenant, together with all that must be true with it.

        Raises `Invoice.DoesNotExist`, and `RefusedError` if a handler says no.
        """
        with transaction.atomic():
            invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
            if invoice.approved_at is not None:
                raise ApprovedAlreadyError(invoice.number)
            invoice.approved_at = at
            invoice.save()
            self._events.publish(
                InvoiceApproved(
                    invoice_id=invoice.id,
                    number=invoice.number,
                    customer=invoice.customer,
                    total=invoice.total,
                    approved_at=at,
                )
            )
        return invoice
