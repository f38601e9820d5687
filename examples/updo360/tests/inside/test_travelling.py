"""Tenant and correlation id: on the request, on every event it causes, on none of the classes."""

from dataclasses import fields

from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from updo360.accounting.events import ApprovalMailed
from updo360.audit.models import AuditLine
from updo360.invoices.models import Invoice
from updo360.share_kernel.event_bus import DomainEvent


def test_what_a_task_publishes_belongs_to_the_request(
    acme: Client,
    invoice: Invoice,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The same tenant, the same correlation id, and a cause: the event that the task handled."""
    with django_capture_on_commit_callbacks(execute=True):
        acme.post(f"/invoices/{invoice.id}/approve")

    approved = AuditLine.objects.get(event="InvoiceApproved")
    mailed = AuditLine.objects.get(event="ApprovalMailed")
    assert {approved.correlation_id, mailed.correlation_id} == {"request-1"}
    assert {approved.tenant, mailed.tenant} == {"acme"}
    assert approved.caused_by is None
    assert mailed.caused_by == approved.event_id


def test_the_event_classes_know_nothing_of_it() -> None:
    """A class says what happened; id, correlation id, tenant and time are in the envelope."""
    names = [field.name for field in fields(ApprovalMailed)]

    assert names == ["invoice_id", "to"]
    assert fields(DomainEvent) == ()


def test_a_request_without_an_id_is_given_one(acme: Client) -> None:
    """It is in the response, so that a client can name it in a complaint."""
    first, second = (acme.get("/audit", headers={"x-request-id": ""}) for _ in range(2))

    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_a_tenant_sees_nothing_of_another(acme: Client, globex: Client, invoice: Invoice) -> None:
    """What is not theirs is not there, and nobody is told about it."""
    response = globex.post(f"/invoices/{invoice.id}/approve")

    events = [line["event"] for line in globex.get("/audit").json()["lines"]]
    assert response.status_code == 404
    assert events == ["TenantCreated"]


def test_a_request_for_nobody_is_refused(client: Client, db: None) -> None:
    """A tenant that is not there is a 404; none where one is needed, a 400."""
    unknown = client.get("/audit", headers={"x-tenant": "initech"})
    missing = client.get("/audit")

    assert (unknown.status_code, missing.status_code) == (404, 400)


def test_the_first_event_of_a_tenant_is_its_own(client: Client, db: None) -> None:
    """`TenantCreated` opens the ledger of the new tenant, though the request had none."""
    response = client.post("/tenants", {"slug": "acme", "name": "Acme"})

    lines = client.get("/audit", headers={"x-tenant": "acme"}).json()["lines"]
    assert response.status_code == 201
    assert [(line["event"], line["tenant"]) for line in lines] == [("TenantCreated", "acme")]
