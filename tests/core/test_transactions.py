"""Deliveries find the transaction that is open here, whichever adapter knows it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pytest

from tests.core.shop import OrderPlaced, ShopEvent
from typedbus import AsyncBus, Bus, errors
from typedbus.core.deferred import FindAsync
from typedbus.core.jobs import Job
from typedbus.core.pending import Pending
from typedbus.core.transactions import AfterCommit, Transactions


class Ledger:
    """A framework with transactions of its own: runs what it holds when they are committed."""

    name = "after commit"
    in_short = "transaction"
    opened_async = "open an async one"
    current_async: FindAsync | None = None

    def __init__(self) -> None:
        self._open: ContextVar[Pending | None] = ContextVar("ledger", default=None)

    def current(self) -> Pending | None:
        """Return the transaction that is open here."""
        return self._open.get()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end."""
        pending = Pending(None, None)
        token = self._open.set(pending)
        try:
            yield
        finally:
            self._open.reset(token)
        pending.release()


class LedgerElsewhere(Ledger):
    """One whose transaction a coroutine has to ask another thread for."""

    def __init__(self) -> None:
        super().__init__()
        self.held = Pending(None, None)
        self.current_async = self._find

    async def _find(self) -> Pending:
        await asyncio.sleep(0)
        return self.held


class Ended:
    """A transaction that ends in the very moment in which it is found."""

    awaits = False

    def __init__(self, ledger: "LedgerEnding") -> None:
        self._ledger = ledger

    def put(self, job: Job, /) -> bool:
        """Come too late."""
        self._ledger.open = False
        return False


class LedgerEnding(Ledger):
    open = True

    def current(self) -> Ended | None:  # type: ignore[override]  # any holder will do
        """Return the one transaction that there was."""
        return Ended(self) if self.open else None


@pytest.fixture
def done() -> list[str]:
    """What happened, in order."""
    return []


def bus_with(delivery: AfterCommit, done: list[str]) -> Bus[ShopEvent]:
    """Return a bus with one handler behind *delivery*."""
    bus = Bus(ShopEvent)
    bus.on(OrderPlaced, via=delivery)(lambda event: done.append(f"order {event.order_id}"))
    return bus


def test_a_handler_waits_for_the_transaction_of_its_source(done: list[str]) -> None:
    """It runs when that is over."""
    ledger = Ledger()
    bus = bus_with(AfterCommit(ledger), done)

    with ledger.transaction():
        bus.publish(OrderPlaced(order_id=1))
        done.append("published")

    assert done == ["published", "order 1"]


def test_without_a_transaction_it_runs_at_once(done: list[str]) -> None:
    """There is nothing to wait for."""
    bus = bus_with(AfterCommit(Ledger()), done)

    bus.publish(OrderPlaced(order_id=1))

    assert done == ["order 1"]


def test_whoever_asks_for_any_transaction_finds_each_that_is_known(done: list[str]) -> None:
    """The source that was made known last is asked first; one that is forgotten is not asked."""
    first, last, everyone = Ledger(), Ledger(), Transactions()
    for ledger in (first, last, last):
        everyone.know(ledger)

    with first.transaction():
        of_first = everyone.current()
        with last.transaction():
            of_last = everyone.current()
            expected = first.current(), last.current()
            everyone.forget(last)
            forgotten = everyone.current()

    assert (of_first, of_last, forgotten) == (expected[0], expected[1], expected[0])
    assert everyone.current() is None


def test_a_transaction_that_ends_meanwhile_is_not_waited_for(done: list[str]) -> None:
    """The handler runs at once then: it is never lost."""
    bus = bus_with(AfterCommit(LedgerEnding()), done)

    bus.publish(OrderPlaced(order_id=1))

    assert done == ["order 1"]


def test_an_async_handler_is_refused_where_nothing_is_awaited_at_the_end() -> None:
    """In the transaction, before anything is committed; the error says how to open another."""
    ledger = Ledger()
    bus = Bus(ShopEvent)

    @bus.on(OrderPlaced, via=AfterCommit(ledger), on_error="raise")
    async def notify(event: OrderPlaced) -> None: ...

    with ledger.transaction(), pytest.raises(errors.AsyncHandlerError, match="open an async one"):
        bus.publish(OrderPlaced())


@pytest.mark.parametrize("known_to_all", [False, True], ids=["its own", "through all"])
def test_a_coroutine_asks_where_the_transaction_lives(
    known_to_all: bool,  # noqa: FBT001 - pytest gives it by name
    done: list[str],
) -> None:
    """On an AsyncBus a source that says so is asked by `current_async`, and awaited."""
    elsewhere, everyone = LedgerElsewhere(), Transactions()
    everyone.know(elsewhere)
    events = AsyncBus(ShopEvent)
    events.on(OrderPlaced, via=AfterCommit(everyone if known_to_all else elsewhere))(
        lambda event: done.append(f"order {event.order_id}")
    )

    asyncio.run(events.publish(OrderPlaced(order_id=1)))
    waiting = list(elsewhere.held)
    elsewhere.held.release()

    assert len(waiting) == 1
    assert done == ["order 1"]
