"""What invoices learn from others: found by typedbus when Django starts."""

from updo360.accounting.events import ApprovalMailed
from updo360.invoices.models import Invoice
from updo360.share_kernel.event_bus import bus


@bus.on(ApprovalMailed)
def note_that_customer_knows(event: ApprovalMailed) -> None:
    """Remember that the customer was told; this runs where the mail was sent, often a worker."""
    Invoice.objects.filter(pk=event.invoice_id).update(customer_knows=True)
