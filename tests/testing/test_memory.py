"""An outbox in memory, as a test of durable handlers uses it."""

import asyncio
import json
from contextvars import copy_context
from datetime import timedelta

import pytest

from typedbus import Bus, Event, event
from typedbus.core.errors import NoTransactionError
from typedbus.core.messages import Message, unpack
from typedbus.outbox.attempts import Attempt, current
from typedbus.outbox.records import Put, Settlement, State, handlers_owed
from typedbus.testing import MemoryStore, MemoryWorkplace
from typedbus.testing.conformance.records import record

SECOND = timedelta(seconds=1)


@event(name="testing.order")
class Ordered(Event):
    """Somebody ordered."""

    order: str


@pytest.fixture
def workplace() -> MemoryWorkplace:
    """An outbox that is empty."""
    return MemoryWorkplace()


@pytest.fixture
def bus(workplace: MemoryWorkplace) -> Bus[Event]:
    """A bus with two durable handlers."""
    bus = Bus(Event)

    @bus.on(Ordered, via=workplace.durable("billing", key=lambda event: event.order))
    def invoice(event: Ordered) -> None:
        """Write an invoice."""

    @bus.on(Ordered, via=workplace.durable("mail"))
    async def mail(event: Ordered) -> None:
        """Send a mail."""

    return bus


def test_an_event_is_stored_once_for_all_its_handlers(
    workplace: MemoryWorkplace, bus: Bus[Event]
) -> None:
    """It says whom it is owed to, and by which key."""
    with workplace.transaction():
        bus.publish(Ordered(order="a"))
        bus.publish(Ordered(order="b"))
        before = workplace.store.events()

    assert not before
    assert [handlers_owed(stored) for stored in workplace.store.events()] == [
        [("billing", "a"), ("mail", None)],
        [("billing", "b"), ("mail", None)],
    ]


def test_an_event_is_stored_with_what_travels_with_it(
    workplace: MemoryWorkplace, bus: Bus[Event]
) -> None:
    """Body and headers are those of its message."""
    with workplace.transaction():
        bus.publish(Ordered(order="a"))
    (stored,) = workplace.store.events()

    envelope = unpack(Message(stored.body, json.loads(stored.headers)))

    assert envelope.event == Ordered(order="a")
    assert (envelope.id, stored.type, stored.key) == (stored.event_id, "testing.order", "a")


def test_a_transaction_that_fails_stores_nothing(
    workplace: MemoryWorkplace, bus: Bus[Event]
) -> None:
    """What was published inside is gone."""

    def fail() -> None:
        with workplace.transaction():
            bus.publish(Ordered(order="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not workplace.store.events()


def test_publishing_outside_of_a_transaction_is_refused(
    workplace: MemoryWorkplace, bus: Bus[Event]
) -> None:
    """Nothing would commit it; a transaction of another outbox does not either."""
    with pytest.raises(ExceptionGroup) as raised, MemoryWorkplace().transaction():
        bus.publish(Ordered(order="a"))

    assert {type(error) for error in raised.value.exceptions} == {NoTransactionError}
    assert not workplace.store.events()


def test_a_number_that_was_drawn_is_never_drawn_again() -> None:
    """Not even after a rollback: readers see gaps, and late ones fill others."""
    store = MemoryStore()
    slow, fast = store.begin(), store.begin()

    one, two, three = slow.add(record()), fast.add(record()), slow.add(record())
    fast.roll_back()
    slow.commit()

    assert [one.id, two.id, three.id] == [1, 2, 3]
    assert store.pending() == [1, 3]


def test_a_handler_writes_in_a_transaction_of_its_own() -> None:
    """What it writes is there when its unit commits, with the call that wrote it."""
    store = MemoryStore()
    (stored,) = store.write(record("k"))
    attempt = Attempt(stored, "billing", line="k", number=1, late=False, alone=True, lease=None)

    def handler() -> None:
        current.set(attempt)
        store.unit().write("invoice")
        store.unit().write("line of it")

    copy_context().run(handler)
    before = list(store.effects)
    kept = attempt.unit is not None and attempt.unit.commit()

    assert not before
    assert kept
    assert [effect.value for effect in store.effects] == ["invoice", "line of it"]
    assert store.effects[0].attempt is attempt
    assert not store.pending()


def test_a_unit_is_asked_for_inside_of_a_durable_handler() -> None:
    """Elsewhere there is none."""
    with pytest.raises(NoTransactionError):
        MemoryStore().unit()


def test_a_unit_of_another_store_is_refused() -> None:
    """What was written here would be kept there, or nowhere."""
    store, other = MemoryStore(), MemoryStore()
    (stored,) = store.write(record())
    attempt = Attempt(stored, "billing", line=None, number=1, late=False, alone=True, lease=None)

    def handler() -> None:
        current.set(attempt)
        store.unit()
        other.unit()

    with pytest.raises(ValueError, match="another store"):
        copy_context().run(handler)


def test_an_operator_may_retry_and_discard_in_memory() -> None:
    """A dead letter becomes due as new; one that is discarded lets its line go on."""
    store = MemoryStore()
    first, second = store.write(record("k"), record("k"))
    lease = store.take_lease(MemoryWorkplace(store).relay(), SECOND)
    assert lease is not None
    dead = Put("billing", first.id, "k", State.DEAD, attempts=5, crashes=2, error="no")
    held = Put("billing", second.id, "k", State.HELD)
    store.settle(lease, Settlement(done=[first.id, second.id], puts=[dead, held]))

    store.retry("billing", first.id)
    (retried, _) = store.deliveries()
    store.discard("billing", first.id)

    assert (retried.state, retried.attempts, retried.crashes) == (State.WAITING, 0, 0)
    assert [(row.id, row.state) for row in store.deliveries()] == [(second.id, State.WAITING)]


def test_a_doorbell_rings_when_something_is_committed(
    workplace: MemoryWorkplace, bus: Bus[Event]
) -> None:
    """Who waits need not wait as long as it might; a ring before it waits counts."""

    async def wait() -> None:
        doorbell = workplace.doorbell()
        with workplace.transaction():
            bus.publish(Ordered(order="a"))
        await doorbell.wait(timedelta(hours=1))
        await doorbell.wait(timedelta(0))
        await doorbell.close()

    asyncio.run(wait())


def test_operations_of_a_workplace_run_at_once(workplace: MemoryWorkplace) -> None:
    """A store in memory blocks nobody; errors come through."""

    async def call() -> int:
        with pytest.raises(ZeroDivisionError):
            await workplace.call(lambda: 1 // 0)
        found = await workplace.call(lambda: 1)
        await workplace.close()
        return found

    assert asyncio.run(call()) == 1
    assert workplace.call_for_the_lease(lambda: 2) == 2
