"""What the machine begins, and in which order."""

from datetime import timedelta

from tests.outbox.machines import Desk, Packed, Sent, by_key, ignore
from typedbus.core.retries import Backoff
from typedbus.outbox.acts import Read, Wait
from typedbus.outbox.outcomes import Fate, Outcome
from typedbus.outbox.pieces import Kind
from typedbus.outbox.records import State
from typedbus.outbox.settings import RelaySettings

FAILED = Outcome(Fate.FAILED, "ValueError: no")


def test_a_key_is_handled_in_sequence_and_other_keys_beside_it() -> None:
    """The second event of a key begins when the first has ended; other keys do not wait."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    desk.publish(Packed(number=1, key="a"), Packed(number=2, key="a"), Packed(number=3, key="b"))

    desk.ask()
    first, other = desk.begin_all()
    assert (first.id, other.id) == (1, 3)
    desk.end(other)
    assert desk.begin_all() == []
    desk.end(first)
    (second,) = desk.begin_all()

    assert second.id == 2


def test_without_a_key_nothing_waits_for_anything() -> None:
    """Events that no key orders all begin at once."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h"))(ignore)
    desk.publish(*(Packed(number=number) for number in range(4)))

    desk.ask()

    assert [piece.id for piece in desk.begin_all()] == [1, 2, 3, 4]


def test_one_event_is_done_when_each_of_its_handlers_is() -> None:
    """It is not removed from what is pending before the last handler is done with it."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("one"))(ignore)
    desk.bus.on(Packed, via=desk.place.durable("two", key=by_key))(ignore)
    desk.publish(Packed(number=1))

    desk.ask()
    first, second = desk.begin_all()
    desk.end(first)
    desk.ask()
    assert desk.store.pending() == [1]
    desk.end(second)
    desk.ask()

    assert desk.store.pending() == []
    assert desk.rows() == {}


def test_what_is_written_of_an_event_is_written_when_the_event_goes() -> None:
    """A failed handler's delivery and the end of the pending event are one settlement."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("one"))(ignore)
    desk.bus.on(Packed, via=desk.place.durable("two"))(ignore)
    desk.publish(Packed(number=1))

    desk.ask()
    first, second = desk.begin_all()
    desk.end(first, FAILED)
    desk.ask()
    assert desk.settlements == []
    desk.end(second)
    desk.ask()

    (settlement,) = desk.settlements
    assert list(settlement.done) == [1]
    assert [(put.handler, put.state) for put in settlement.puts] == [("one", State.WAITING)]


def test_what_is_behind_a_failed_event_is_held_and_runs_after_it_in_order() -> None:
    """A line whose first failed waits for it in the store; other lines go on."""
    desk = Desk()
    retry = Backoff(first=timedelta(seconds=4))
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key, retry=retry))(ignore)
    desk.publish(*(Packed(number=n, key="ab"[n % 2]) for n in range(6)))

    desk.work(lambda piece: FAILED if piece.id == 1 else None)
    assert desk.rows() == {
        ("h", 1): State.WAITING,
        ("h", 3): State.HELD,
        ("h", 5): State.HELD,
    }
    assert desk.store.pending() == []
    assert desk.ids("h") == [1, 2, 4, 6]
    desk.wait(4)
    desk.work()

    assert desk.ids("h") == [1, 2, 4, 6, 1, 3, 5]
    assert desk.rows() == {}


def test_what_is_published_behind_a_failed_event_is_held_too() -> None:
    """An event that comes later does not pass the one that waits for its next try."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    desk.publish(Packed(number=1))
    desk.work(lambda _: FAILED)

    desk.publish(Packed(number=2), Packed(number=3, key="b"))
    desk.work()

    assert desk.ids("h") == [1, 3]
    assert desk.rows() == {("h", 1): State.WAITING, ("h", 2): State.HELD}


def test_a_line_is_quick_again_when_it_has_caught_up() -> None:
    """What comes while the last of what waited runs is not written to the store."""
    desk = Desk()
    retry = Backoff(first=timedelta(seconds=1))
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key, retry=retry))(ignore)
    desk.publish(Packed(number=1))
    desk.work(lambda _: FAILED)
    desk.wait(1)
    desk.ask()
    (late,) = desk.begin_all()

    desk.publish(Packed(number=2))
    desk.ask()
    assert desk.begin_all() == []
    desk.end(late)
    desk.work()

    assert desk.ids("h") == [1, 1, 2]
    assert all(put.id == 1 for settlement in desk.settlements for put in settlement.puts)


def test_one_handler_that_is_slow_leaves_places_for_the_others() -> None:
    """A handler takes no more than three quarters of the places when there are others."""
    desk = Desk(RelaySettings(threads=4))
    desk.bus.on(Packed, via=desk.place.durable("slow"))(ignore)
    desk.bus.on(Sent, via=desk.place.durable("quick"))(ignore)
    desk.publish(*(Packed(number=n) for n in range(10)), Sent(number=1))

    desk.ask()
    began = [piece.handler for piece in desk.begin_all()]

    assert began.count("slow") == 3
    assert began.count("quick") == 1


def test_no_more_is_read_than_the_window_holds() -> None:
    """What is in hand is bounded, however much there is to do."""
    desk = Desk(RelaySettings(batch=10, window=25))
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    desk.publish(*(Packed(number=n) for n in range(60)))

    desk.ask()
    (first,) = desk.begin_all()
    desk.ask()

    read = [act for act in desk.acts if isinstance(act, Read)]
    assert sum(act.fresh for act in read) <= 25
    desk.end(first)
    desk.work()
    assert desk.ids("h") == list(range(1, 61))


def test_async_and_sync_handlers_begin_where_they_belong() -> None:
    """What is async is not given to a thread, and the other way round."""
    desk = Desk()

    async def asynchronous(event: Packed) -> None:
        """Do nothing."""

    desk.bus.on(Packed, via=desk.place.durable("async"))(asynchronous)
    desk.bus.on(Packed, via=desk.place.durable("sync"))(ignore)
    desk.publish(Packed(number=1))

    desk.ask()
    in_loop, in_thread = desk.begin(Kind.ASYNC), desk.begin(Kind.SYNC)

    assert in_loop is not None
    assert in_thread is not None
    assert (in_loop.handler, in_thread.handler) == ("async", "sync")
    assert desk.begin_all() == []


def test_a_bundle_takes_a_line_along_and_stops_at_its_failure() -> None:
    """Pieces that began in one bundle with a piece that fails are held like all behind it."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    desk.publish(*(Packed(number=n, key="aab"[n % 3]) for n in range(3, 9)))

    desk.ask()
    first = desk.begin()
    hands = desk.machine.hands
    assert first is not None
    assert hands is not None
    bundle = hands.bundle(first, 3)
    assert [piece.id for piece in bundle] == [1, 2, 4]
    desk.end(bundle[0])
    desk.end(bundle[1], FAILED)
    desk.work()

    assert desk.rows() == {("h", 2): State.WAITING, ("h", 4): State.HELD, ("h", 5): State.HELD}
    assert desk.ids("h") == [1, 3, 6]


def test_what_was_taken_along_and_not_called_begins_anew_in_order() -> None:
    """A thread may give pieces back that it has not begun."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    desk.publish(*(Packed(number=n, key="aab"[n % 3]) for n in range(3, 9)))

    desk.ask()
    first = desk.begin()
    hands = desk.machine.hands
    assert first is not None
    assert hands is not None
    bundle = hands.bundle(first, 6)
    desk.end(bundle[0])
    desk.machine.put_back(bundle[1:], desk.now)
    desk.work()

    assert sorted(desk.ids("h")) == [1, 2, 3, 4, 5, 6]
    assert [number for number in desk.ids("h") if number % 3] == [1, 2, 4, 5]


def test_nothing_begins_when_the_lease_may_have_run_out() -> None:
    """Past 0.8 of the time to live since the last renewal was asked for, nothing begins."""
    desk = Desk(RelaySettings(ttl=timedelta(seconds=10)))
    desk.bus.on(Packed, via=desk.place.durable("h"))(ignore)
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    lease = desk.machine.lease
    assert lease is not None

    desk.now += 7.9
    assert desk.begin() is not None
    desk.now += 0.1
    assert desk.begin() is None
    desk.machine.renewed(lease, desk.now)

    assert desk.begin() is not None


def test_the_machine_waits_when_there_is_nothing_to_do() -> None:
    """It asks the store for nothing before it is time, or it is rung."""
    desk = Desk()
    desk.bus.on(Packed, via=desk.place.durable("h"))(ignore)
    desk.ask()

    act = desk.machine.next_act(desk.now)
    assert isinstance(act, Wait)
    assert act.until > desk.now
    desk.machine.rung(desk.now)

    assert isinstance(desk.machine.next_act(desk.now), Read)


def test_what_cannot_be_taken_in_yet_is_not_read_again_and_again() -> None:
    """A line of which something is still to be written is left alone until that is written."""
    desk = Desk(RelaySettings(batch=1))
    retry = Backoff(first=timedelta(seconds=1))
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key, retry=retry))(ignore)
    desk.bus.on(Packed, via=desk.place.durable("slow"))(ignore)
    desk.publish(Packed(number=1))
    desk.work(lambda piece: FAILED if piece.handler == "h" else None)
    desk.publish(Packed(number=2))
    desk.ask()
    (slow,) = desk.begin_all()
    desk.wait(1)
    before = len(desk.acts)

    desk.ask()

    assert slow.handler == "slow"
    assert len(desk.acts) - before < 10
