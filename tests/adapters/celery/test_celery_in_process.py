"""Without a broker, as unit tests of users work: eager mode, and a worker in a thread."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from logging import getLogger

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

from tests.adapters.celery.moody import away
from tests.adapters.celery.workers import until
from typedbus import AsyncBus, Bus, Event, context, current_context, current_envelope, event
from typedbus.adapters.celery import CeleryDelivery
from typedbus.core.errors import HandlersFailedError
from typedbus.core.retries import Backoff


@event(name="shop.order.placed", version=1)
class OrderPlaced(Event):
    order_id: int


@pytest.fixture
def eager() -> Celery:
    """An app that runs tasks where they are sent."""
    app = Celery("eager", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = True
    return app


def test_an_eager_app_runs_handlers_at_once(eager: Celery) -> None:
    """Sync and async handlers have run, in their context, when the publish is over."""
    tasks, bus = CeleryDelivery(eager), Bus(Event)
    seen: list[tuple[str, int, str | None, str]] = []

    def look(name: str, event: OrderPlaced) -> None:
        envelope = current_envelope()
        seen.append((name, event.order_id, current_context().tenant, envelope.id))

    @bus.on(OrderPlaced, via=tasks.deliver("one"))
    def one(event: OrderPlaced) -> None:
        look("one", event)

    @bus.on(OrderPlaced, via=tasks.deliver("other"))
    async def other(event: OrderPlaced) -> None:
        await asyncio.sleep(0)
        look("other", event)

    with context(tenant="acme"):
        bus.publish(OrderPlaced(order_id=7))

    assert [(name, order, tenant) for name, order, tenant, _ in seen] == [
        ("one", 7, "acme"),
        ("other", 7, "acme"),
    ]
    assert seen[0][3] == seen[1][3]


def test_an_eager_app_runs_handlers_of_a_coroutine_too(eager: Celery) -> None:
    """An async handler has a loop of its own, whatever loop the publisher runs in."""
    tasks, bus, async_bus = CeleryDelivery(eager), Bus(Event), AsyncBus(Event)
    seen: list[str] = []

    async def handle(event: OrderPlaced) -> None:
        await asyncio.sleep(0)
        seen.append(type(event).__name__)

    bus.on(OrderPlaced, via=tasks.deliver("one"))(handle)
    async_bus.on(OrderPlaced, via=tasks.deliver("two"))(lambda event: seen.append("plain"))

    async def publish() -> None:
        bus.publish(OrderPlaced(order_id=7))
        await async_bus.publish(OrderPlaced(order_id=7))

    asyncio.run(publish())

    assert seen == ["OrderPlaced", "plain"]


def test_an_eager_app_tries_again_and_shows_what_failed(eager: Celery) -> None:
    """With `task_eager_propagates` what the last try raised comes out of the publish."""
    eager.conf.task_eager_propagates = True
    tasks, bus = CeleryDelivery(eager), Bus(Event)
    tries: list[int] = []

    @bus.on(OrderPlaced, via=tasks.deliver("failing", retry=Backoff(tries=3)))
    def fail(event: OrderPlaced) -> None:
        tries.append(event.order_id)
        raise ValueError("no stock")

    with pytest.raises(HandlersFailedError, match="no stock"):
        bus.publish(OrderPlaced(order_id=7))

    assert tries == [7, 7, 7]


@pytest.fixture(scope="module")
def in_memory() -> Iterator[CeleryDelivery]:
    """A delivery over a broker in memory, with a worker in a thread."""
    app = Celery("memory", broker="memory://", set_as_current=False)
    app.conf.update(result_backend="tests.adapters.celery.moody:Moody")
    app.conf.cache_backend = "memory"
    app.conf.broker_transport_options = {"polling_interval": 0.05}
    tasks = CeleryDelivery(app)
    # It sets the level of the root logger, for all tests after this one: to what it is.
    level = getLogger().level
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel=level):
        yield tasks
    tasks.close()
    app.close()


def test_a_worker_in_a_thread_serves_a_broker_in_memory(in_memory: CeleryDelivery) -> None:
    """What fails is tried again, kept as dead, and can be sent again, as on a real broker."""
    tasks, bus = in_memory, Bus(Event)
    tries: list[int] = []

    @bus.on(
        OrderPlaced,
        via=tasks.deliver("ship", retry=Backoff(tries=2, first=timedelta(milliseconds=5))),
    )
    def ship(event: OrderPlaced) -> None:
        tries.append(event.order_id)
        if len(tries) < 3:
            raise ValueError("no stock")

    bus.publish(OrderPlaced(order_id=7))
    (letter,) = until(tasks.dead_letters)
    sent = tasks.retry_dead_letters()
    until(lambda: len(tries) == 3)

    assert (letter.handler, letter.reason, letter.tries) == ("ship", "ValueError: no stock", 2)
    assert sent == 1
    assert tasks.dead_letters() == []


def test_a_handler_that_is_cancelled_has_failed(in_memory: CeleryDelivery) -> None:
    """A cancellation out of a handler does not end the worker: it is tried again."""
    tasks, bus = in_memory, Bus(Event)
    tries: list[int] = []

    @bus.on(
        OrderPlaced,
        via=tasks.deliver("cancelled", retry=Backoff(tries=2, first=timedelta(milliseconds=5))),
    )
    async def ship(event: OrderPlaced) -> None:
        tries.append(event.order_id)
        if len(tries) < 2:
            raise asyncio.CancelledError

    bus.publish(OrderPlaced(order_id=7))
    until(lambda: len(tries) == 2)

    assert tasks.dead_letters() == []


def test_a_result_backend_that_is_away_keeps_no_handler_from_running(
    in_memory: CeleryDelivery,
) -> None:
    """What was done before cannot be told then; to run it twice is better than never."""
    bus = Bus(Event)
    seen: list[int] = []
    bus.on(OrderPlaced, via=in_memory.deliver("unsure"))(lambda event: seen.append(event.order_id))
    away.set()

    bus.publish(OrderPlaced(order_id=7))
    until(lambda: seen == [7])

    assert in_memory.dead_letters() == []
    away.clear()
