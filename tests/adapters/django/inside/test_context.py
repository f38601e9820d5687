"""The context of the publisher is there again when the handler runs, after the commit."""

from contextvars import ContextVar

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction

from tests.adapters.django.inside.billing.events import (
    BillingEvent,
    InvoiceApproved,
    InvoicePaid,
)
from typedbus import AsyncBus, Bus, context, current_context, current_envelope, tenant_scope
from typedbus.adapters.django import after_commit

pytestmark = pytest.mark.django_db(transaction=True)

user: ContextVar[str] = ContextVar("user", default="nobody")


def context_here() -> str:
    """Return who and what the code here runs for."""
    current = current_context()
    return f"{current.correlation_id} {current.tenant} {user.get()}"


@pytest.mark.parametrize("by", ["Bus", "AsyncBus"])
def test_handlers_run_in_the_context_of_the_publisher(log: list[str], by: str) -> None:
    """Sync and async ones, though the transaction ends outside of it."""
    bus, async_bus = Bus(BillingEvent), AsyncBus(BillingEvent)

    def handle(event: InvoiceApproved) -> None:
        log.append(context_here())

    async def handle_async(event: InvoiceApproved) -> None:
        log.append(context_here())

    for handler in (handle, handle_async):
        bus.subscribe(InvoiceApproved, after_commit(handler))
        async_bus.subscribe(InvoiceApproved, after_commit(handler))

    with transaction.atomic(), context(correlation_id="request-1", tenant="acme"):
        token = user.set("ada")
        if by == "Bus":
            bus.publish(InvoiceApproved(number=1))
        else:
            async_to_sync(async_bus.publish)(InvoiceApproved(number=1))
        user.reset(token)

    assert log == ["request-1 acme ada", "request-1 acme ada"]
    assert context_here() == "None None nobody"


def test_handlers_of_one_publish_share_its_envelope(bus: Bus[BillingEvent]) -> None:
    """An event that one of them publishes is caused by the one that it handles."""
    envelopes = list[tuple[str, str | None, str | None]]()

    def note(event: BillingEvent) -> None:
        envelope = current_envelope()
        envelopes.append((envelope.id, envelope.causation_id, envelope.tenant))

    bus.subscribe(InvoiceApproved, after_commit(note))
    bus.subscribe(InvoiceApproved, after_commit(note))
    bus.subscribe(
        InvoiceApproved, after_commit(lambda event: bus.publish(InvoicePaid(number=event.number)))
    )
    bus.subscribe(InvoicePaid, after_commit(note))

    with transaction.atomic(), tenant_scope("acme"):
        bus.publish(InvoiceApproved(number=1))

    (first, second, caused) = envelopes
    assert first == second
    assert caused[1:] == (first[0], "acme")
