"""How a relay begins, waits, and ends."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest

from tests.outbox.machines import Packed, by_key
from tests.outbox.relays import PATIENCE, QUICK, Place, away, run_once, running, until
from typedbus.core.errors import OutboxTablesError
from typedbus.outbox.attempts import Attempt, current
from typedbus.outbox.records import State
from typedbus.outbox.relay import Relay
from typedbus.outbox.settings import RelaySettings


class Gate:
    """Holds sync handlers up until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.began: list[int] = []
        self.ended: list[int] = []

    def handle(self, event: Packed) -> None:
        """Wait until the gate is opened."""
        self.began.append(event.number)
        assert self.opened.wait(PATIENCE)
        self.ended.append(event.number)

    async def handle_async(self, event: Packed) -> None:
        """Do as `handle`, without blocking the event loop."""
        self.began.append(event.number)
        while not self.opened.is_set():  # noqa: ASYNC110 - it is opened by whoever likes
            await asyncio.sleep(0.001)
        self.ended.append(event.number)


async def stopped_while_it_calls(
    place: Place, gate: Gate, drain: timedelta, *, times: int = 1
) -> Sequence[str]:
    """Stop a relay of *place* as soon as a handler waits at *gate*; return what it left."""
    relay = Relay(place, QUICK._replace(drain=drain))
    task = asyncio.create_task(relay.run())
    await until(lambda: gate.began)
    for _ in range(times):
        relay.stop()
    async with asyncio.timeout(PATIENCE):
        return await task


def test_what_is_published_while_it_runs_is_handled() -> None:
    """It is told by the doorbell, and looks by itself besides."""
    place, seen = Place(), list[int]()

    async def handle(event: Packed) -> None:
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)

    async def main() -> None:
        relay = Relay(place, QUICK)
        async with running(relay):
            await until(lambda: relay.status().phase == "working")
            place.publish(Packed(number=1))
            await until(lambda: seen == [1])
            place.publish(Packed(number=2))
            await until(lambda: seen == [1, 2])
            await until(lambda: place.store.pending() == [])

    asyncio.run(main())
    assert place.closed


def test_it_drains_when_it_is_told_to_stop() -> None:
    """What runs may end, what had not begun is left for the next relay, and the lease is clean."""
    place, gate = Place(), Gate()
    place.bus.on(Packed, via=place.durable("h", key=by_key))(gate.handle_async)
    place.publish(Packed(number=1), Packed(number=2))

    async def main() -> Sequence[str]:
        relay = Relay(place, QUICK)
        task = asyncio.create_task(relay.run())
        await until(lambda: gate.began)
        relay.stop()
        await until(lambda: relay.status().phase == "draining")
        gate.opened.set()
        return await task

    left = asyncio.run(main())

    assert list(left) == []
    assert gate.ended == [1]
    assert place.store.pending() == [2]
    assert place.store.holder() is None


def test_it_may_be_stopped_from_any_thread() -> None:
    """A signal handler, or another thread, may stop it."""
    place = Place()

    async def main() -> None:
        relay = Relay(place, QUICK)
        task = asyncio.create_task(relay.run())
        await until(lambda: relay.status().phase == "working")
        threading.Thread(target=relay.stop).start()
        async with asyncio.timeout(PATIENCE):
            await task

    asyncio.run(main())

    assert place.store.holder() is None


def test_it_may_be_stopped_before_it_runs() -> None:
    """Then it ends at once."""
    place = Place()
    relay = Relay(place, QUICK)

    relay.stop()
    asyncio.run(asyncio.wait_for(relay.run(), PATIENCE))

    assert relay.status().phase == "stopped"


def test_an_async_handler_that_does_not_end_is_cut_off() -> None:
    """After the time to drain it is cancelled; that is no failed try, and the lease is clean."""
    place, gate = Place(), Gate()
    place.bus.on(Packed, via=place.durable("h"))(gate.handle_async)
    place.publish(Packed(number=1))

    left = asyncio.run(stopped_while_it_calls(place, gate, timedelta(milliseconds=20)))

    assert list(left) == []
    (row,) = place.store.deliveries()
    assert (row.state, row.attempts) == (State.WAITING, 0)
    assert place.store.holder() is None


def test_the_second_stop_waits_for_nothing() -> None:
    """Who stops it twice is in a hurry."""
    place, gate = Place(), Gate()
    place.bus.on(Packed, via=place.durable("h"))(gate.handle_async)
    place.publish(Packed(number=1))

    left = asyncio.run(stopped_while_it_calls(place, gate, timedelta(hours=1), times=2))

    assert list(left) == []
    assert gate.ended == []


def test_it_says_what_it_had_to_leave_running() -> None:
    """A thread cannot be stopped: it is named, and the lease is not given back under it."""
    place, gate = Place(), Gate()
    place.bus.on(Packed, via=place.durable("h"))(gate.handle)
    place.publish(Packed(number=1))

    left = asyncio.run(stopped_while_it_calls(place, gate, timedelta(milliseconds=20)))
    gate.opened.set()

    assert list(left) == ["h on event 1 (relay.packed)"]
    assert place.store.holder() is not None


def test_a_relay_that_is_cancelled_ends() -> None:
    """As a lifespan does that is cancelled: it ends quickly, and lets go of everything."""
    place, gate = Place(), Gate()
    place.bus.on(Packed, via=place.durable("h"))(gate.handle_async)
    place.publish(Packed(number=1))

    async def main() -> None:
        relay = Relay(place, QUICK)
        task = asyncio.create_task(relay.run())
        await until(lambda: gate.began)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())

    assert place.closed


def test_a_relay_runs_once() -> None:
    """It is made anew for another run."""
    place = Place()
    relay = Relay(place, QUICK)
    asyncio.run(relay.run(once=True))

    with pytest.raises(RuntimeError, match="new"):
        asyncio.run(relay.run())


def test_missing_tables_are_no_matter_of_waiting() -> None:
    """Who runs it is told, and what to do."""
    place = Place()
    place.error = OutboxTablesError("run the relay", "there are no tables", "make them")

    with pytest.raises(OutboxTablesError):
        asyncio.run(asyncio.wait_for(Relay(place, QUICK).run(), PATIENCE))

    assert place.closed


@pytest.mark.parametrize("error", [away(), RuntimeError("?")], ids=["away", "anything"])
def test_a_store_that_is_away_at_the_start_is_waited_for(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once, tries again, and works when the store answers."""
    place, seen = Place(), list[int]()
    place.error = error

    async def handle(event: Packed) -> None:
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1))

    async def main() -> None:
        relay = Relay(place, QUICK)
        async with running(relay):
            await until(lambda: place.calls >= 3)
            assert relay.status().away_seconds >= 0
            place.error = None
            await until(lambda: seen)

    asyncio.run(main())

    told = [record.message for record in caplog.records if "did not answer" in record.message]
    assert len(told) == 1
    assert any("goes on" in record.message for record in caplog.records)


def test_nothing_is_lost_when_the_store_is_away_in_the_middle() -> None:
    """What was done is written down when it answers again, and nothing is called twice for it."""
    place, seen = Place(), list[int]()

    async def handle(event: Packed) -> None:
        seen.append(event.number)
        if event.number == 100:
            place.error = away()

    place.bus.on(Packed, via=place.durable("h", key=by_key))(handle)
    place.publish(*(Packed(number=n) for n in range(300)))

    async def main() -> None:
        relay = Relay(place, QUICK._replace(batch=50))
        async with running(relay):
            await until(lambda: 100 in seen)
            before = place.calls
            await until(lambda: place.calls > before + 1)
            place.error = None
            await until(lambda: place.store.pending() == [])

    asyncio.run(main())

    assert seen == list(range(300))


def test_a_relay_that_lost_its_lease_stands_by_and_takes_it_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What it had in hand is another relay's; it says so."""
    place, seen = Place(), list[int]()

    async def handle(event: Packed) -> None:
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)

    async def main() -> None:
        relay = Relay(place, QUICK)
        async with running(relay):
            await until(lambda: relay.status().phase == "working")
            epoch = relay.status().epoch
            other = place.relay()
            place.store.died(place.store.holder() or "")
            taken = place.store.take_lease(other, QUICK.ttl)
            assert taken is not None
            place.publish(Packed(number=1))
            await until(lambda: relay.status().phase == "standby")
            place.store.release_lease(taken)
            await until(lambda: place.store.pending() == [])
            assert relay.status().epoch != epoch

    asyncio.run(main())

    assert seen[-1] == 1
    assert "lost its lease" in caplog.text


def test_a_unit_that_finds_the_lease_lost_tells_the_relay() -> None:
    """The commit of a handler may be the first to see it: nothing is written for it."""
    place, attempts = Place(), list[Attempt]()

    async def handle(event: Packed) -> None:
        attempt = current.get()
        assert attempt is not None
        attempts.append(attempt)
        if len(attempts) == 1:
            place.store.unit().write("effect")
            place.store.died(place.store.holder() or "")
            other = place.store.take_lease(place.relay(), QUICK.ttl)
            assert other is not None
            place.store.release_lease(other)

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(Packed(number=1))

    run_once(place)

    assert len(attempts) == 2
    assert [attempt.number for attempt in attempts] == [1, 1]
    assert place.store.effects == []
    assert attempts[0].lease != attempts[1].lease


def test_two_relays_of_one_outbox_do_each_thing_once() -> None:
    """One works, the other stands by."""
    place, seen = Place(), list[int]()

    async def handle(event: Packed) -> None:
        await asyncio.sleep(0)
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)

    async def main() -> None:
        one, two = Relay(place, QUICK), Relay(place, QUICK)
        async with running(two):
            async with running(one):
                place.publish(*(Packed(number=n) for n in range(50)))
                await until(lambda: place.store.pending() == [])
            place.publish(*(Packed(number=n) for n in range(50, 100)))
            await until(lambda: len(seen) == 100)
            await until(lambda: place.store.pending() == [])

    asyncio.run(main())

    assert sorted(seen) == list(range(100))


@pytest.mark.parametrize("in_thread", [True, False], ids=["thread", "loop"])
def test_the_lease_is_renewed_as_long_as_it_runs(*, in_thread: bool) -> None:
    """Also where only coroutines may call the store."""
    place, seen = Place(), list[int]()
    place.beats_in_thread = in_thread
    settings = QUICK._replace(ttl=timedelta(milliseconds=200))

    async def handle(event: Packed) -> None:
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h"))(handle)

    async def main() -> None:
        relay = Relay(place, settings)
        async with running(relay):
            await until(lambda: relay.status().phase == "working")
            epoch = relay.status().epoch
            for number in range(10):
                place.store.advance(timedelta(milliseconds=50))
                await asyncio.sleep(0.05)
                place.publish(Packed(number=number))
                await until(partial(seen.__contains__, number))
            assert relay.status().epoch == epoch

    asyncio.run(main())


def test_its_status_counts() -> None:
    """What was done and what failed, since it started, also when it has ended."""
    place = Place()

    async def handle(event: Packed) -> None:
        if event.number == 3:
            raise ValueError("no")

    place.bus.on(Packed, via=place.durable("h"))(handle)
    place.publish(*(Packed(number=n) for n in range(10)))
    relay = Relay(place, RelaySettings())

    asyncio.run(relay.run(once=True))

    status = relay.status()
    assert (status.handled, status.failed, status.phase) == (9, 1, "stopped")
    assert not status.healthy
