"""Background: handlers in a bounded pool of threads that has an owner."""

import subprocess
import sys
import threading
from datetime import timedelta

import anyio
import pytest

from tests.core.held import PATIENCE, Held, order
from tests.core.shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    decline,
    nothing,
    nothing_async,
    noting,
)
from typedbus import AsyncBus, Background, Bus, errors


def workers_of(background: Background) -> list[threading.Thread]:
    """Return the threads that run for *background*."""
    prefix = f"{background.name}-"
    return [each for each in threading.enumerate() if each.name.startswith(prefix)]


def test_the_publisher_goes_on_while_the_handler_runs(held: Held) -> None:
    """The handler waits here for what the publisher does after publishing."""
    bus = Bus(ShopEvent)

    with Background() as background:
        bus.on(UserCreated, via=background)(held)
        bus.publish(UserCreated())
        held.let_go.set()

    assert held.ended == [UserCreated()]


def test_leaving_the_block_drains_it() -> None:
    """Everything that was published has been handled then."""
    bus, seen = Bus(ShopEvent), list[ShopEvent]()

    with Background(workers=2, queue=3) as background:
        bus.on(OrderPlaced, via=background)(seen.append)
        for number in range(50):
            bus.publish(order(number))

    assert sorted(seen, key=repr) == sorted(map(order, range(50)), key=repr)


def test_one_worker_keeps_the_order_of_publishing() -> None:
    """Also over several handlers."""
    bus, calls = Bus(ShopEvent), list[str]()

    with Background(workers=1) as background:
        bus.on(UserCreated, via=background)(noting(calls, "first"))
        bus.on(ShopEvent, via=background)(noting(calls, "second"))
        bus.publish(UserCreated())
        bus.publish(UserCreated())

    assert calls == ["first", "second"] * 2


def test_as_many_handlers_run_at_a_time_as_there_are_workers() -> None:
    """They meet at a barrier that lets them through by threes, and no fourth thread exists."""
    bus, threads, together = Bus(ShopEvent), set[int](), threading.Barrier(3)

    def meet(event: OrderPlaced) -> None:
        together.wait(PATIENCE)
        threads.add(threading.get_ident())

    with Background(workers=3) as background:
        bus.on(OrderPlaced, via=background)(meet)
        for number in range(12):
            bus.publish(order(number))

    assert len(threads) == 3
    assert threading.get_ident() not in threads


def test_what_is_left_when_the_time_is_over_is_named(held: Held) -> None:
    """The one that runs and those that wait; those that wait never run."""
    bus, background = Bus(ShopEvent), Background(workers=1, drain=timedelta(0), name="mail")
    bus.on(UserCreated, via=background)(held)
    bus.on(OrderPlaced, via=background)(decline)

    def publish_and_leave() -> None:
        with background:
            bus.publish(UserCreated())
            assert held.started.wait(PATIENCE)
            bus.publish(order(1))
            bus.publish(UserCreated())

    with pytest.raises(errors.UnfinishedError) as unfinished:
        publish_and_leave()

    held_name = "tests.core.held.Held() on tests.core.shop.UserCreated"
    assert unfinished.value.delivery == "mail"
    assert unfinished.value.left == (
        held_name,
        "tests.core.shop.decline on tests.core.shop.OrderPlaced",
        held_name,
    )
    held.let_go.set()
    for worker in workers_of(background):
        worker.join(PATIENCE)
    assert held.seen == [UserCreated()]


def test_what_is_left_does_not_keep_the_program_alive() -> None:
    """A thread cannot be stopped, but it does not hold up the end of the program."""
    program = """
from datetime import timedelta
from threading import Event as Flag
from typedbus import Background, Bus, Event
started = Flag()
def stand_still(event: Event) -> None:
    started.set()
    Flag().wait()
bus = Bus()
with Background(drain=timedelta(0)) as background:
    bus.on(Event, via=background)(stand_still)
    bus.publish(Event())
    started.wait()
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "UnfinishedError: Cannot finish 1 deliver" in done.stderr


@pytest.mark.parametrize("before", [True, False], ids=["before its block", "after its block"])
def test_outside_of_its_block_it_takes_nothing(before: bool) -> None:  # noqa: FBT001 - pytest passes by name
    """A publish is an error that names delivery, handler and event; nothing is lost in silence."""
    bus, background = Bus(ShopEvent, on_error="raise"), Background(name="mail")
    bus.on(UserCreated, via=background)(nothing)
    if not before:
        with background:
            pass

    with pytest.raises(errors.NotStartedError) as refused:
        bus.publish(UserCreated())

    assert refused.value.delivery == "mail"
    assert refused.value.handler == "tests.core.shop.nothing"
    assert refused.value.event == "tests.core.shop.UserCreated"


def test_nothing_is_started_without_an_owner() -> None:
    """Making it, subscribing via it and publishing start no thread; its block does."""
    bus, background = Bus(ShopEvent, on_error="log"), Background(workers=2, name="owned")
    bus.on(UserCreated, via=background)(nothing)

    bus.publish(UserCreated())
    before = len(workers_of(background))
    with background:
        inside = len(workers_of(background))
    for worker in workers_of(background):
        worker.join(PATIENCE)

    assert (before, inside) == (0, 2)
    assert workers_of(background) == []


def test_it_can_be_started_again() -> None:
    """A block after a block works as the first did."""
    bus, calls, background = Bus(ShopEvent), list[str](), Background()
    bus.on(UserCreated, via=background)(noting(calls, "handled"))

    for _ in range(2):
        with background:
            bus.publish(UserCreated())

    assert calls == ["handled", "handled"]


def test_it_cannot_be_started_twice() -> None:
    """Two owners could not both wait for its end."""
    with Background() as background, pytest.raises(RuntimeError, match="enter it once"):
        background.__enter__()


def test_an_async_handler_is_refused_where_it_is_subscribed() -> None:
    """Threads await nothing."""
    bus = Bus(ShopEvent)

    with pytest.raises(errors.AsyncHandlerError, match="AsyncBackground"):
        bus.on(UserCreated, via=Background())(nothing_async)  # type: ignore[event-async]  # the mistake under test

    assert bus.subscriptions() == ()


def test_it_serves_an_async_bus_too() -> None:
    """Sync handlers of an AsyncBus may run in its threads."""
    bus, threads = AsyncBus(ShopEvent), list[int]()

    with Background() as background:
        bus.on(UserCreated, via=background)(lambda event: threads.append(threading.get_ident()))
        anyio.run(bus.publish, UserCreated())

    assert len(threads) == 1
    assert threading.get_ident() not in threads
