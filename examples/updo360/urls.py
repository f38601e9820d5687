"""Each view by its path."""

from django.urls import path

from updo360.audit.views import audit_log
from updo360.invoices.views import approve_invoice, create_invoice
from updo360.tenants.views import create_tenant

urlpatterns = [
    path("tenants", create_tenant),
    path("invoices", create_invoice),
    path("invoices/<uuid:invoice_id>/approve", approve_invoice),
    path("audit", audit_log),
]
