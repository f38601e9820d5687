"""The HTTP side of invoices."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from updo360.invoices.models import Invoice
from updo360.invoices.use_cases import ApproveInvoice
from updo360.share_kernel.event_bus import RefusedError, bus


class InvoiceForm(forms.Form):
    number = forms.CharField(max_length=20)
    customer = forms.EmailField()
    total = forms.DecimalField(max_digits=12, decimal_places=2)


@require_POST
def create_invoice(request: HttpRequest) -> JsonResponse:
    """Write an invoice."""
    form = InvoiceForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    invoice = Invoice.objects.create(**form.cleaned_data)
    return JsonResponse({"id": str(invoice.id)}, status=201)


@require_POST
def approve_invoice(request: HttpRequest, invoice_id: UUID) -> JsonResponse:
    """Approve an invoice."""
    try:
        invoice = ApproveInvoice(bus).execute(invoice_id, timezone.now())
    except Invoice.DoesNotExist:
        return JsonResponse({"error": "There is no such invoice."}, status=404)
    except RefusedError as refused:
        return JsonResponse({"error": str(refused)}, status=409)
    return JsonResponse({"id": str(invoice.id), "approved_at": invoice.approved_at})
