"""TaskDelivery: handlers run as tasks of django.tasks, once the transaction is committed."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import transaction
from django.tasks import TaskResult
from django.tasks.exceptions import InvalidTask
from django.utils import timezone

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved, InvoicePaid
from tests.adapters.django.inside.billing.models import Invoice, write, written
from typedbus import AsyncBus, Bus, Event, context, current_context, current_envelope
from typedbus.adapters.django.tasks import TaskDelivery, deliver

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

tasks = TaskDelivery()
kept = TaskDelivery(backend="kept")


def run_first(results: list[TaskResult[..., object]]) -> None:
    """Run the oldest of *results* as a worker does, through JSON."""
    name, body, headers = json.loads(json.dumps(results[0].args))
    deliver.call(name, body, headers)


def test_a_task_runs_the_handler_after_the_commit(bus: Bus[BillingEvent], log: list[str]) -> None:
    """ImmediateBackend runs it at once, so it must not be handed over before."""

    @bus.on(InvoiceApproved, via=tasks.deliver("billing.note"))
    def note(event: InvoiceApproved) -> None:
        log.append(f"{event}, written {written()}")

    with transaction.atomic():
        write(1)
        bus.publish(InvoiceApproved(number=1))
        log.append("published")

    assert log == ["published", "InvoiceApproved(number=1), written [1]"]


def test_without_a_transaction_the_task_is_enqueued_at_once(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]]
) -> None:
    """There is nothing to wait for."""
    bus.subscribe(InvoiceApproved, kept.deliver("billing.at-once")(lambda event: None))

    bus.publish(InvoiceApproved(number=1))

    assert [result.args[0] for result in results] == ["billing.at-once"]


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_rolled_back_enqueues_nothing(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]], *, whole: bool
) -> None:
    """Neither for the transaction, nor for a savepoint."""
    bus.subscribe(InvoiceApproved, kept.deliver("billing.rolled-back")(lambda event: None))

    with transaction.atomic(), transaction.atomic(savepoint=not whole):
        bus.publish(InvoiceApproved(number=1))
        transaction.set_rollback(True)

    assert results == []


def test_each_handler_has_a_task_of_its_own(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]]
) -> None:
    """A retry repeats one handler; the payload is the event as JSON under its wire name."""
    for name in ("billing.one", "billing.two"):
        bus.subscribe(InvoiceApproved, kept.deliver(name)(lambda event: None))

    with transaction.atomic():
        bus.publish(InvoiceApproved(number=1))

    assert [result.args[0] for result in results] == ["billing.one", "billing.two"]
    assert [json.loads(result.args[1]) for result in results] == [{"number": 1}] * 2
    assert {result.args[2]["ce-type"] for result in results} == {"django.invoice-approved"}
    assert {result.task.module_path for result in results} == {
        "typedbus.adapters.django.tasks.deliver"
    }


def test_the_task_waits_for_the_database_that_was_asked_for(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]]
) -> None:
    """*using* names it."""
    of_archive = TaskDelivery(backend="kept", using="archive")
    bus.subscribe(InvoiceApproved, of_archive.deliver("billing.archive")(lambda event: None))

    with transaction.atomic(using="archive"):
        with transaction.atomic():
            bus.publish(InvoiceApproved(number=1))
        before = len(results)

    assert (before, len(results)) == (0, 1)


def test_a_task_has_the_queue_priority_and_delay_that_were_asked_for(
    bus: Bus[BillingEvent], results: list[TaskResult[..., object]]
) -> None:
    """The delay counts from the moment of enqueuing."""
    an_hour = timedelta(hours=1)
    bus.subscribe(
        InvoiceApproved,
        kept.deliver("billing.later", queue_name="default", priority=7, run_after=an_hour)(
            lambda event: None
        ),
    )

    before = timezone.now()
    bus.publish(InvoiceApproved(number=1))
    after = timezone.now()

    (result,) = results
    assert (result.task.queue_name, result.task.priority) == ("default", 7)
    assert result.task.run_after is not None
    assert before + an_hour <= result.task.run_after <= after + an_hour


@pytest.mark.parametrize(
    ("queue", "delay", "told"),
    [
        pytest.param("none", None, "Queue 'none'", id="queue"),
        pytest.param(None, timedelta(1), "run_after", id="delay"),
    ],
)
def test_what_the_backend_does_not_support_is_refused_where_it_is_written(
    queue: str | None, delay: timedelta | None, told: str
) -> None:
    """Not after a commit."""
    with pytest.raises(InvalidTask, match=told):
        tasks.deliver("billing.refused", queue_name=queue, run_after=delay)


def test_a_backend_without_the_default_queue_gets_one_that_it_has(
    bus: Bus[BillingEvent], finished: list[TaskResult[..., object]]
) -> None:
    """The first by name, unless another is asked for."""
    bus.subscribe(InvoiceApproved, tasks.deliver("billing.mail")(lambda event: None))
    by_name = tasks.deliver("billing.reports", queue_name="reports")
    bus.subscribe(InvoiceApproved, by_name(lambda event: None))

    bus.publish(InvoiceApproved(number=1))

    assert [result.task.queue_name for result in finished] == ["mail", "reports"]


def test_an_async_handler_runs_in_its_task_and_the_orm_works_in_it(
    bus: Bus[BillingEvent], log: list[str]
) -> None:
    """The worker waits for it."""

    @bus.on(InvoiceApproved, via=tasks.deliver("billing.async"))
    async def note(event: InvoiceApproved) -> None:
        await asyncio.sleep(0)
        log.append(f"written {await Invoice._default_manager.acount()}")  # noqa: SLF001 - Django's documented name

    with transaction.atomic():
        write(1)
        bus.publish(InvoiceApproved(number=1))

    assert log == ["written 1"]


@pytest.mark.parametrize("in_transaction", [True, False])
def test_an_async_bus_enqueues_too(log: list[str], *, in_transaction: bool) -> None:
    """In the transaction of the sync code that waits for it, or at once."""
    bus = AsyncBus(BillingEvent)

    @bus.on(InvoiceApproved, via=tasks.deliver(f"billing.async-bus-{in_transaction}"))
    async def note(event: InvoiceApproved) -> None:
        log.append(f"written {await Invoice._default_manager.acount()}")  # noqa: SLF001 - Django's documented name

    if in_transaction:
        with transaction.atomic():
            async_to_sync(bus.publish)(InvoiceApproved(number=1))
            log.append("published")
    else:
        asyncio.run(bus.publish(InvoiceApproved(number=1)))
        log.append("published")

    assert log == (["published", "written 0"] if in_transaction else ["written 0", "published"])


def test_the_context_of_the_publisher_is_there_in_the_task(
    bus: Bus[BillingEvent], log: list[str], results: list[TaskResult[..., object]]
) -> None:
    """Correlation, cause, tenant and headers travel along."""

    @bus.on(InvoiceApproved, via=kept.deliver("billing.context"))
    def note(event: InvoiceApproved) -> None:
        current, envelope = current_context(), current_envelope()
        log.append(f"{current.correlation_id} {current.tenant} {dict(current.headers)}")
        log.append(envelope.id)

    @bus.on(InvoiceApproved)
    def remember(event: InvoiceApproved) -> None:
        log.append(current_envelope().id)

    with context(correlation_id="request-1", tenant="acme", headers={"traceparent": "00-1"}):
        bus.publish(InvoiceApproved(number=1))
    run_first(results)

    published_id, context_seen, id_seen = log
    assert context_seen == "request-1 acme {'traceparent': '00-1'}"
    assert id_seen == published_id


def test_a_handler_of_a_base_class_takes_the_event_as_what_it_is(log: list[str]) -> None:
    """It is rebuilt as its own class."""
    bus = Bus(Event)

    @bus.on(BillingEvent, via=tasks.deliver("billing.everything"))
    def note(event: BillingEvent) -> None:
        log.append(repr(event))

    bus.publish(InvoicePaid(number=2))

    assert log == ["InvoicePaid(number=2)"]
