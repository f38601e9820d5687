"""The story that `python -m updo360` tells: what a client sends, and what comes of it."""

import logging
import os
import sys

from django.db import connection
from django.test import Client
from django.utils import timezone

from typedbus import tenant_scope
from updo360.accounting.models import ClosedMonth, LedgerEntry, SentMail, balance
from updo360.audit.models import AuditLine
from updo360.invoices.models import Invoice


def tell() -> None:
    """Print what is done, and where each handler ran."""
    logging.getLogger("typedbus").addHandler(logging.StreamHandler(sys.stdout))
    client = Client(headers={"host": "localhost"})
    print(f"This process is {os.getpid()}; the broker is away.")
    for slug in ("acme", "globex"):
        _post(client, "tenants", slug=slug, name=slug.title())

    print("\n1. Acme approves an invoice. The mail should go out by Celery; it goes out here.")
    first = _write_invoice(client, "inv-001")
    _post(client, f"invoices/{first}/approve", tenant="acme", request="demo-1")

    print("\n2. Acme closes its books, and a handler refuses the next one: all is rolled back.")
    second = _write_invoice(client, "inv-002")
    with tenant_scope("acme"):
        ClosedMonth.objects.create(month=timezone.now().date().replace(day=1))
    _post(client, f"invoices/{second}/approve", tenant="acme", request="demo-2")

    print("\n3. Globex cannot see what is Acme's.")
    _post(client, f"invoices/{second}/approve", tenant="globex", request="demo-3")

    print("\nWhat there is at the end")
    with tenant_scope("acme"):
        for entry in LedgerEntry.objects.order_by("id"):
            print(f"ledger: {entry.text}, {entry.amount}")
        print(f"balance: {balance():.2f}")
        for mail in SentMail.objects.all():
            print(f"mail to {mail.to}: {mail.subject}")
        for invoice in Invoice.objects.order_by("number"):
            approved = "approved" if invoice.approved_at else "not approved"
            knows = ", the customer knows" if invoice.customer_knows else ""
            print(f"{invoice.number}: {approved}{knows}")
        _print_audit_log()
    connection.close()


def _print_audit_log() -> None:
    names = {line.event_id: line.event for line in AuditLine.objects.all()}
    row = "{:<16} {:<8} {:<38} {:<9} {}".format
    print("\n" + row("event", "tenant", "correlation id", "process", "caused by"))
    for line in AuditLine.objects.order_by("id"):
        cause = names[line.caused_by] if line.caused_by else "a request"
        print(row(line.event, line.tenant, line.correlation_id, line.process, cause))


def _write_invoice(client: Client, number: str) -> str:
    fields = {"number": number, "customer": "bob@example.com", "total": "1500.00"}
    return _post(client, "invoices", tenant="acme", **fields)["id"]


def _post(
    client: Client, path: str, *, tenant: str = "", request: str = "", **fields: str
) -> dict[str, str]:
    headers = {"x-tenant": tenant, "x-request-id": request}
    response = client.post(f"/{path}", fields, headers=headers)
    answer: dict[str, str] = response.json()
    print(f"POST /{path}: {response.status_code} {answer}")
    return answer
