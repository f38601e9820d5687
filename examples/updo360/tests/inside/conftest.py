"""Two tenants, each with a client of its own, and an invoice of the first one."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client

from typedbus import tenant_scope
from updo360.invoices.models import Invoice
from updo360.share_kernel.event_bus import bus
from updo360.tenants.use_cases import CreateTenant


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Let no test find what another one left in the cache of this process."""
    cache.clear()


@pytest.fixture
def acme(db: None) -> Client:
    """The client of a tenant, whose requests are all called "request-1"."""
    CreateTenant(bus).execute("acme", "Acme")
    return Client(headers={"x-tenant": "acme", "x-request-id": "request-1"})


@pytest.fixture
def globex(db: None) -> Client:
    """The client of another tenant."""
    CreateTenant(bus).execute("globex", "Globex")
    return Client(headers={"x-tenant": "globex"})


@pytest.fixture
def as_acme(acme: Client) -> Iterator[None]:
    """Let the test see the rows of Acme."""
    with tenant_scope("acme"):
        yield


@pytest.fixture
def invoice(as_acme: None) -> Invoice:
    """An invoice that Acme may approve."""
    return Invoice.objects.create(
        number="inv-001", customer="bob@example.com", total=Decimal("1500.00")
    )
