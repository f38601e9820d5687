"""What goes wrong around a task is kept and told: in its result, or to the publisher."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.tasks import TaskResult, TaskResultStatus

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved, InvoicePaid
from typedbus import Bus
from typedbus.adapters.django.tasks import TaskDelivery, deliver
from typedbus.core.errors import DecodeError, HandlerNameError, UnknownHandlerError, WireNameError

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

tasks = TaskDelivery()
kept = TaskDelivery(backend="kept")


class Unnamed(BillingEvent):
    number: int


def test_a_handler_that_fails_fails_its_task(
    bus: Bus[BillingEvent], finished: list[TaskResult[..., object]]
) -> None:
    """The backend keeps the error, and its own policy tries again or not."""

    def fail(event: InvoiceApproved) -> None:
        raise RuntimeError("no route to host")

    bus.subscribe(InvoiceApproved, tasks.deliver("billing.fails")(fail))

    with transaction.atomic():
        bus.publish(InvoiceApproved(number=1))

    (result,) = finished
    assert result.status == TaskResultStatus.FAILED
    assert result.errors[0].exception_class is RuntimeError


HEADERS = {
    "ce-id": "1",
    "ce-type": "django.invoice-approved",
    "ce-time": "2026-01-01T00:00:00+00:00",
    "ce-correlationid": "1",
}


@pytest.mark.parametrize(
    ("name", "body", "headers", "error"),
    [
        pytest.param("gone", '{"number": 1}', {}, UnknownHandlerError, id="unknown handler"),
        pytest.param(
            "billing.kept", '{"number": 1}', {"ce-type": "gone"}, WireNameError, id="unknown event"
        ),
        pytest.param("billing.kept", '{"number": "x"}', {}, DecodeError, id="wrong field"),
        pytest.param("billing.kept", "{", {}, DecodeError, id="no JSON"),
    ],
)
def test_what_nobody_can_handle_fails_the_task(
    bus: Bus[BillingEvent],
    finished: list[TaskResult[..., object]],
    name: str,
    body: str,
    headers: dict[str, str],
    error: type[Exception],
) -> None:
    """With an error of ours in its result; it is never passed over."""
    bus.subscribe(InvoiceApproved, tasks.deliver("billing.kept")(lambda event: None))

    deliver.enqueue(name, body, HEADERS | headers)

    (result,) = finished
    assert result.status == TaskResultStatus.FAILED
    assert issubclass(result.errors[0].exception_class, error)


def test_an_event_without_a_wire_name_is_refused_in_the_transaction(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]]
) -> None:
    """What cannot be written fails the publisher, not a worker."""
    bus.subscribe(Unnamed, kept.deliver("billing.unnamed")(lambda event: None))

    with pytest.raises(ExceptionGroup, match="Unnamed"), transaction.atomic():
        bus.publish(Unnamed(number=1))

    assert results == []


def test_two_handlers_cannot_have_one_name(bus: Bus[BillingEvent]) -> None:
    """A worker would not know which to call."""

    def one(event: InvoiceApproved) -> None: ...

    def two(event: InvoicePaid) -> None: ...

    bus.subscribe(InvoiceApproved, tasks.deliver("billing.taken")(one))

    with pytest.raises(HandlerNameError, match="one"):
        bus.subscribe(InvoicePaid, tasks.deliver("billing.taken")(two))
