"""The commands of the README, run as a reader runs them: where does each handler run?"""

import os
import sys
from pathlib import Path
from subprocess import run

import httpx2

from tests.servers.valkey import Valkey
from updo360.tests.programs import Program, wait_for


def test_the_mail_is_sent_by_a_worker_and_without_the_broker_here_and_now(
    private_valkey: Valkey, tmp_path: Path
) -> None:
    """In either process it is for the same tenant and a part of the request that caused it."""
    program = Program(tmp_path, private_valkey.url)
    program.migrate()

    with program.server() as server, program.worker() as worker, httpx2.Client() as client:
        client.base_url = server.says(r"http://[\d.]+:\d+")
        worker.says(r"This worker knows accounting\.email")
        client.post("/tenants", data={"slug": "acme", "name": "Acme"})
        approve(client, "request-1")
        by_worker = wait_for(lambda: audit_log(client, "request-1", until="ApprovalMailed"))
        private_valkey.stop()
        approve(client, "request-2")
        here_and_now = audit_log(client, "request-2", until="ApprovalMailed")

    assert by_worker == [
        ("InvoiceApproved", "acme", server.id),
        ("ApprovalMailed", "acme", worker.id),
    ]
    assert here_and_now == [
        ("InvoiceApproved", "acme", server.id),
        ("ApprovalMailed", "acme", server.id),
    ]


def test_the_demonstration_needs_no_server() -> None:
    """`python -m updo360` approves, refuses and falls back, on SQLite and nothing else."""
    command = [sys.executable, "-m", "updo360"]

    done = run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert "mail to bob@example.com: Invoice inv-001 is approved" in done.stdout
    assert "inv-001: approved, the customer knows" in done.stdout
    assert "inv-002: not approved" in done.stdout


def approve(client: httpx2.Client, request: str) -> None:
    """Write an invoice as Acme, and approve it in a request of that id."""
    headers = {"x-tenant": "acme", "x-request-id": request}
    fields = {"number": "inv-001", "customer": "bob@example.com", "total": "1500.00"}
    invoice = client.post("/invoices", data=fields, headers=headers).json()["id"]
    client.post(f"/invoices/{invoice}/approve", headers=headers).raise_for_status()


def audit_log(
    client: httpx2.Client, request: str, *, until: str
) -> list[tuple[str, str, int]] | None:
    """Return event, tenant and process of all that *request* caused, if *until* is among it."""
    lines = client.get("/audit", headers={"x-tenant": "acme"}).json()["lines"]
    mine = [line for line in lines if line["correlation_id"] == request]
    found = [(line["event"], line["tenant"], line["process"]) for line in mine]
    return found if any(event == until for event, _, _ in found) else None
