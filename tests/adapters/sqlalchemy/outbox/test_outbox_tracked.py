"""Handing over, tracked: a delivery is over when the transaction of the other process says so."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.adapters.sqlalchemy.outbox.kiosk import Kiosk, Sale, Sold, kiosk_on
from tests.adapters.sqlalchemy.shop import async_engine_of
from tests.servers.database import Database
from typedbus import Backoff, Bus, Dead, Discard
from typedbus.adapters.sqlalchemy import Outbox, current_delivery, transaction
from typedbus.core.deliveries import Delivery, DeliveryFor
from typedbus.core.errors import BrokerAwayError
from typedbus.core.messages import Message
from typedbus.core.remote import Remote, RemoteHandlers
from typedbus.core.transactions import transactions

AT_ONCE = Backoff(tries=3, first=timedelta(microseconds=1))
ONCE = Backoff(tries=1)


class Postman:
    """A carrier whose messages lie in a bag until somebody handles them (`Carrier`)."""

    def __init__(self) -> None:
        self.handlers = RemoteHandlers[Remote]()
        self.bag = list[tuple[str, Message]]()
        self.away = False

    def deliver(self, name: str, /) -> Delivery:
        """Return the delivery for the handler that is called *name* on both sides."""

        def stand_in(handler: Any) -> Any:
            return Remote(transactions, self.handlers, name, handler)

        return stand_in

    def send(self, message: Message, handler: str, /) -> None:
        """Put *message* into the bag."""
        if self.away:
            raise BrokerAwayError("send", "it is away", "wait")
        self.bag.append((handler, message))

    def arrive(self) -> int:
        """Let what is in the bag be handled; return how much that was."""
        bag, self.bag = self.bag, []
        for handler, message in bag:
            self.handlers.run(handler, message)
        return len(bag)


@pytest.fixture
def kiosk(database: Database) -> Iterator[Kiosk]:
    """A kiosk on each database."""
    with kiosk_on(database) as found:
        yield found


@pytest.fixture
def small(sqlite_database: Database) -> Iterator[Kiosk]:
    """A kiosk on SQLite, for rules that are the same on each database."""
    with kiosk_on(sqlite_database) as found:
        yield found


@pytest.fixture
def postman() -> Postman:
    """A carrier."""
    return Postman()


def work(kiosk: Kiosk, postman: Postman) -> None:
    """Let relay and postman work until neither has anything to do."""
    for _ in range(50):
        kiosk.outbox.drain()
        if not postman.arrive():
            return
    raise AssertionError("there is no end of it")


def test_the_worker_s_transaction_ends_the_delivery(kiosk: Kiosk, postman: Postman) -> None:
    """Until then it is noted as sent; of a line only the first is."""

    @kiosk.bus.on(Sold, via=kiosk.outbox.durable("billing", key=lambda e: "one", to=postman))
    def billing(event: Sold) -> None:
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
        kiosk.log.append(f"{event.number} {current_delivery().number}")

    kiosk.sold(1, 2, 3)
    kiosk.outbox.drain()
    before = kiosk.deliveries()
    work(kiosk, postman)

    assert before == [("billing", "sent", 0), ("billing", "held", 0), ("billing", "held", 0)]
    assert kiosk.log == ["1 1", "2 1", "3 1"]
    assert kiosk.sales() == [1, 2, 3]
    assert (kiosk.pending(), kiosk.deliveries()) == (0, [])


def test_a_handler_that_asks_for_no_transaction_is_done_afterwards(
    kiosk: Kiosk, postman: Postman
) -> None:
    """Among other handlers of the event, in the relay and elsewhere."""
    kiosk.owe("mail", to=postman)
    kiosk.owe("stock")

    kiosk.sold(1)
    work(kiosk, postman)

    assert sorted(kiosk.log) == ["mail 1", "stock 1"]
    assert (kiosk.pending(), kiosk.deliveries()) == (0, [])


def test_what_arrives_twice_is_handled_once(kiosk: Kiosk, postman: Postman) -> None:
    """The second finds nothing to do."""
    kiosk.owe("billing", to=postman)

    kiosk.sold(1)
    kiosk.outbox.drain()
    postman.bag *= 2
    postman.arrive()

    assert kiosk.log == ["billing 1"]


def test_what_arrives_again_before_it_is_due_waits(small: Kiosk, postman: Postman) -> None:
    """A broker that brings a message twice does not make a try of its own."""
    later = Backoff(tries=5, first=timedelta(days=30), longest=timedelta(days=30))

    @small.bus.on(Sold, via=small.outbox.durable("billing", to=postman, retry=later))
    def billing(event: Sold) -> None:
        small.log.append(f"billing {event.number}")
        raise LookupError("no printer")

    small.sold(1)
    small.outbox.drain()
    postman.bag *= 2
    postman.arrive()

    assert small.log == ["billing 1"]
    assert small.deliveries() == [("billing", "waiting", 1)]


def test_what_the_carrier_forgets_is_sent_again(kiosk: Kiosk, postman: Postman) -> None:
    """When `resend_after` is over."""
    soon = timedelta(milliseconds=150)
    kiosk.owe("billing", key=lambda e: "one", to=postman, resend_after=soon)

    kiosk.sold(1, 2)
    kiosk.outbox.drain()
    postman.bag.clear()
    work_until_over(kiosk, postman)

    assert kiosk.log == ["billing 1", "billing 2"]


def work_until_over(kiosk: Kiosk, postman: Postman) -> None:
    """Let relay and postman work until nothing is owed."""
    for _ in range(200):
        kiosk.outbox.drain()
        postman.arrive()
        if not kiosk.pending() and not kiosk.deliveries():
            return
    raise AssertionError(kiosk.deliveries())


def test_a_failure_is_written_down_and_tried_again(kiosk: Kiosk, postman: Postman) -> None:
    """The carrier hears nothing of it; later events of the key wait."""
    tries = list[int]()

    @kiosk.bus.on(
        Sold, via=kiosk.outbox.durable("billing", key=lambda e: "one", to=postman, retry=AT_ONCE)
    )
    def billing(event: Sold) -> None:
        tries.append(event.number)
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))
        if len(tries) < 3:
            raise LookupError("no printer")

    kiosk.sold(1, 2)
    kiosk.outbox.drain()
    postman.arrive()
    failed = kiosk.deliveries()
    work_until_over(kiosk, postman)

    assert failed == [("billing", "waiting", 1), ("billing", "held", 0)]
    assert tries == [1, 1, 1, 2]
    assert kiosk.sales() == [1, 2]


@pytest.mark.parametrize(
    ("on_dead", "then", "handled"),
    [
        ("block", [("billing", "dead", 1), ("billing", "held", 0)], []),
        ("skip", [("billing", "dead", 1)], [2]),
        ("park", [("billing", "dead", 1), ("billing", "dead", 0)], []),
    ],
)
def test_what_is_given_up_is_dead(
    kiosk: Kiosk,
    postman: Postman,
    on_dead: Any,
    then: list[tuple[str, str, int]],
    handled: list[int],
) -> None:
    """Later events of its key wait, go on, or die with it."""

    def billing(event: Sold) -> None:
        if event.number == 1:
            raise LookupError("no printer")
        with transaction(kiosk.sessions) as session:
            session.add(Sale(event.number))

    durable: DeliveryFor[Sold] = kiosk.outbox.durable(
        "billing", key=lambda e: "one", to=postman, retry=ONCE, on_dead=on_dead
    )
    kiosk.bus.subscribe(Sold, durable(billing))

    kiosk.sold(1, 2)
    work(kiosk, postman)

    assert kiosk.deliveries() == then
    assert kiosk.sales() == handled


def test_verdicts_decide_there_too(small: Kiosk, postman: Postman) -> None:
    """Discarded, or dead at once."""

    @small.bus.on(Sold, via=small.outbox.durable("billing", to=postman))
    def billing(event: Sold) -> None:
        raise Discard("not ours") if event.number == 1 else Dead("never")

    small.sold(1, 2)
    work(small, postman)

    assert small.deliveries() == [("billing", "dead", 1)]


def test_a_message_that_kills_each_worker_is_given_up(small: Kiosk, postman: Postman) -> None:
    """A process that dies leaves its mark; at the third it is a dead letter."""
    soon = timedelta(milliseconds=150)

    @small.bus.on(Sold, via=small.outbox.durable("billing", to=postman, resend_after=soon))
    def billing(event: Sold) -> None:
        small.log.append("killed")
        raise SystemExit(137)

    small.sold(1)
    for _ in range(200):
        small.outbox.drain()
        try:
            postman.arrive()
        except SystemExit:
            continue
        if small.deliveries() == [("billing", "dead", 0)]:
            break

    assert small.deliveries() == [("billing", "dead", 0)]
    assert small.log == ["killed"] * 3


def test_a_carrier_that_is_away_is_no_failure(small: Kiosk, postman: Postman) -> None:
    """The event waits without a counted try."""
    small.owe("billing", to=postman)
    postman.away = True

    small.sold(1)
    small.outbox.drain()

    assert small.deliveries() == [("billing", "waiting", 0)]


def test_former_names_are_known_there_too(small: Kiosk, postman: Postman) -> None:
    """An event that is owed under one is handled under the name of today."""
    small.owe("old", to=Postman())
    small.sold(1)
    renamed = Outbox(small.sessions, small.outbox.tables.metadata)
    durable = renamed.durable("billing", aliases=("old",), to=postman)
    Bus().subscribe(Sold, durable(small.noting("billing")))

    renamed.drain()
    postman.arrive()

    assert small.log == ["billing 1"]
    assert (small.pending(), small.deliveries()) == (0, [])


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_handlers_of_an_async_engine_are_tracked(kiosk: Kiosk, postman: Postman, kind: str) -> None:
    """Async and sync ones; a worker runs each in an event loop of its own."""
    bus = Bus()

    async def run(task: str) -> None:
        async with async_engine_of(kiosk.database.async_url) as engine:
            outbox.sessions.configure(bind=engine)
            if task == "publish":
                async with transaction(outbox.sessions):
                    bus.publish(Sold(number=1))
            await outbox.drain_async()

    async def billing_async(event: Sold) -> None:
        async with transaction(outbox.sessions) as session:
            session.add(Sale(event.number))
        await asyncio.sleep(0)

    outbox = Outbox(type(kiosk).async_maker(), kiosk.outbox.tables.metadata, joins=[kiosk.sessions])
    durable = outbox.durable("billing", to=postman)
    bus.subscribe(Sold, durable(billing_async if kind == "async" else kiosk.noting("billing")))

    asyncio.run(run("publish"))
    engine = kiosk.async_engine()
    outbox.sessions.configure(bind=engine)
    postman.arrive()

    assert kiosk.sales() == ([1] if kind == "async" else [])
    assert kiosk.log == ([] if kind == "async" else ["billing 1"])
    assert kiosk.deliveries() == []
