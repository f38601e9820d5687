"""Async handlers and async publishers, which Django runs in other threads than its transactions."""

import asyncio
import threading
from collections.abc import Coroutine

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection, transaction

from tests.adapters.django.inside.billing.events import BillingEvent, InvoiceApproved
from tests.adapters.django.inside.billing.models import Invoice, write, written
from tests.adapters.django.inside.rolling_back import rolled_back
from typedbus import AsyncBus, Bus, HandlersFailedError
from typedbus.adapters.django import after_commit
from typedbus.core.errors import AsyncHandlerError

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def async_bus() -> AsyncBus[BillingEvent]:
    """Return a bus that awaits its handlers, and that nobody has subscribed to."""
    return AsyncBus(BillingEvent)


async def count_invoices() -> int:
    """Ask the ORM from a coroutine."""
    return await Invoice._default_manager.acount()  # noqa: SLF001 - Django's documented name


def test_an_async_handler_runs_at_the_commit(bus: Bus[BillingEvent], log: list[str]) -> None:
    """On either bus, in its turn, and the ORM works in it."""

    @bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None:
        await asyncio.sleep(0)
        log.append(f"async handler, written {await count_invoices()}")

    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("sync handler")))

    with transaction.atomic():
        write(1)
        bus.publish(InvoiceApproved(number=1))
        log.append("published")

    assert log == ["published", "async handler, written 1", "sync handler"]


def test_an_async_handler_uses_the_connection_of_the_thread_that_commits(
    bus: Bus[BillingEvent],
) -> None:
    """A pool of connections is not drained by handlers."""
    used = list[tuple[object, int]]()

    @bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None:
        used.append(await sync_to_async(lambda: (connection.connection, threading.get_ident()))())

    with transaction.atomic():
        bus.publish(InvoiceApproved(number=1))

    assert used == [(connection.connection, threading.get_ident())]


def test_an_async_handler_that_fails_is_logged_by_name(
    bus: Bus[BillingEvent], log: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """As a sync one, and the next one runs."""

    @bus.on(InvoiceApproved, via=after_commit)
    async def fail(event: InvoiceApproved) -> None:
        raise RuntimeError("no route to host")

    bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("after")))

    with transaction.atomic():
        bus.publish(InvoiceApproved(number=1))

    assert log == ["after"]
    assert [record.name for record in caplog.records] == ["typedbus"]
    assert "fail failed on" in caplog.text


def test_an_async_handler_of_a_bus_runs_without_a_transaction(
    bus: Bus[BillingEvent], log: list[str]
) -> None:
    """In sync code: a script, a shell."""

    @bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None:
        log.append("async handler")

    bus.publish(InvoiceApproved(number=1))

    assert log == ["async handler"]


def test_an_async_handler_of_a_bus_is_refused_on_an_event_loop(bus: Bus[BillingEvent]) -> None:
    """A `Bus` in an async view cannot await it: the error names it and the way out."""

    @bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None: ...

    async def view() -> None:
        bus.publish(InvoiceApproved(number=1))

    with pytest.raises(HandlersFailedError) as caught:
        asyncio.run(view())

    (error,) = caught.value.exceptions
    assert isinstance(error, AsyncHandlerError)
    assert "note" in str(error)
    assert "AsyncBus" in str(error)
    assert "sync_to_async" in str(error)


def test_a_handler_that_needs_the_orm_on_an_event_loop_says_the_way_out(
    bus: Bus[BillingEvent],
) -> None:
    """Django refuses the ORM there; the error names the handler and what to do."""

    def write_one(event: InvoiceApproved) -> None:
        write(event.number)

    bus.subscribe(InvoiceApproved, after_commit(write_one))

    async def view() -> None:
        bus.publish(InvoiceApproved(number=1))

    with pytest.raises(HandlersFailedError) as caught:
        asyncio.run(view())

    (error,) = caught.value.exceptions
    assert isinstance(error, SynchronousOnlyOperation)
    (note, _) = error.__notes__
    assert "write_one" in note
    assert "sync_to_async" in note


@pytest.mark.parametrize("awaited_by", ["async_to_sync", "a coroutine that it runs"])
def test_a_coroutine_finds_the_transaction_of_the_sync_code_that_waits_for_it(
    async_bus: AsyncBus[BillingEvent], log: list[str], awaited_by: str
) -> None:
    """The coroutine runs in another thread, which has another connection."""

    @async_bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None:
        log.append(f"async handler, written {await count_invoices()}")

    @async_bus.on(InvoiceApproved, via=after_commit)
    def note_too(event: InvoiceApproved) -> None:
        log.append(f"sync handler, written {written()}")

    async def use_case() -> None:
        await asyncio.gather(async_bus.publish(InvoiceApproved(number=1)))

    with transaction.atomic():
        write(1)
        if awaited_by == "async_to_sync":
            async_to_sync(async_bus.publish)(InvoiceApproved(number=1))
        else:
            async_to_sync(use_case)()
        log.append("published")

    assert log == ["published", "async handler, written 1", "sync handler, written [1]"]


def test_a_coroutine_drops_what_it_published_in_a_transaction_that_is_rolled_back(
    async_bus: AsyncBus[BillingEvent], log: list[str]
) -> None:
    """As sync code does."""
    async_bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("handler")))

    with rolled_back():
        async_to_sync(async_bus.publish)(InvoiceApproved(number=1))

    assert log == []


def test_in_async_code_handlers_run_at_once_and_the_orm_works_in_each(
    async_bus: AsyncBus[BillingEvent], log: list[str]
) -> None:
    """There is no transaction: async ones are awaited, sync ones run in Django's sync thread."""

    @async_bus.on(InvoiceApproved, via=after_commit)
    async def note(event: InvoiceApproved) -> None:
        log.append(f"async handler, written {await count_invoices()}")

    @async_bus.on(InvoiceApproved, via=after_commit)
    def note_too(event: InvoiceApproved) -> None:
        log.append(f"sync handler, written {written()}")

    async def view() -> None:
        await sync_to_async(write)(1)
        await async_bus.publish(InvoiceApproved(number=1))
        log.append("published")

    async_to_sync(view)()

    assert log == ["async handler, written 1", "sync handler, written [1]", "published"]


def test_a_sync_function_that_returns_a_coroutine_is_seen_through(
    async_bus: AsyncBus[BillingEvent], bus: Bus[BillingEvent], log: list[str]
) -> None:
    """What is around an async function is an async handler too."""

    async def note(event: InvoiceApproved) -> None:
        log.append("async handler")

    def start(event: InvoiceApproved) -> Coroutine[object, object, None]:
        return note(event)

    bus.subscribe(InvoiceApproved, after_commit(start))
    async_bus.subscribe(InvoiceApproved, after_commit(start))

    with transaction.atomic():
        bus.publish(InvoiceApproved(number=1))
    async_to_sync(async_bus.publish)(InvoiceApproved(number=1))

    assert log == ["async handler", "async handler"]


@pytest.mark.django_db(transaction=False)
def test_captured_callbacks_are_those_of_the_coroutine_too(
    async_bus: AsyncBus[BillingEvent],
    log: list[str],
    django_capture_on_commit_callbacks: object,
) -> None:
    """A test that never commits sees what an async use case waits for."""
    assert callable(django_capture_on_commit_callbacks)
    async_bus.subscribe(InvoiceApproved, after_commit(lambda event: log.append("handler")))

    with django_capture_on_commit_callbacks(execute=True):
        async_to_sync(async_bus.publish)(InvoiceApproved(number=1))
        log.append("published")

    assert log == ["published", "handler"]
