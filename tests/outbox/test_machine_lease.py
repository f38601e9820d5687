"""What the machine does about its lease, a store that is away, and its end."""

from datetime import timedelta

from tests.outbox.machines import USUAL, Desk, Packed, by_key, ignore
from typedbus.outbox.acts import Read, Release, Settle, Stopped, TakeLease, Wait, perform
from typedbus.outbox.outcomes import LEFT, Fate, Outcome
from typedbus.outbox.records import State
from typedbus.outbox.settings import RelaySettings
from typedbus.testing import MemoryStore

FAILED = Outcome(Fate.FAILED, "ValueError: no")


def desk_on(store: MemoryStore | None = None, settings: RelaySettings = USUAL) -> Desk:
    """Return a desk with one handler."""
    desk = Desk(settings, store)
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key))(ignore)
    return desk


def test_a_relay_stands_by_while_another_one_works() -> None:
    """It asks for the lease again and again, and reads nothing."""
    first = desk_on()
    first.ask()
    second = desk_on(first.store)

    second.ask()
    assert second.phase == "standby"
    assert second.acts == [TakeLease()]
    second.wait(0.3)
    second.ask()

    assert second.acts == [TakeLease(), TakeLease()]


def test_it_takes_over_when_the_other_one_is_gone() -> None:
    """The one that stands by works as soon as it gets the lease."""
    first = desk_on()
    first.ask()
    second = desk_on(first.store)
    second.ask()

    first.machine.stop(first.now)
    first.ask()
    second.wait(0.3)
    second.ask()

    assert first.phase == "stopped"
    assert second.phase == "working"


def test_what_comes_of_a_call_under_a_lost_lease_is_not_written() -> None:
    """Everything in hand is dropped; what runs may end, and is nobody's business."""
    first = desk_on()
    first.publish(Packed(number=1), Packed(number=2))
    first.ask()
    (running,) = first.begin_all()
    second = desk_on(first.store)
    second.store.died(first.info.id)
    second.ask()

    first.end(running, FAILED)
    first.ask()

    assert first.machine.lease is None
    assert second.rows()[("h", 1)] is State.RUNNING
    second.work()
    assert second.ids("h") == [1, 2]
    assert second.rows() == {}


def test_it_does_not_stand_by_before_all_has_ended_that_it_began() -> None:
    """Else it could get the lease, and call a handler that still runs here."""
    desk = desk_on()
    desk.publish(Packed(number=1))
    desk.ask()
    (running,) = desk.begin_all()
    desk.machine.lost(desk.now)

    desk.now += 10
    assert desk.phase == "lost"
    assert isinstance(desk.machine.next_act(desk.now), Wait)
    desk.end(running)

    assert desk.phase == "standby"
    assert isinstance(desk.machine.next_act(desk.now), TakeLease)


def test_a_heartbeat_of_a_lease_that_is_lost_counts_for_nothing() -> None:
    """Its answer may come after another lease was taken."""
    desk = desk_on()
    desk.publish(Packed(number=1))
    desk.ask()
    lost = desk.machine.lease
    assert lost is not None
    desk.machine.lost(desk.now)

    desk.machine.renewed(lost, desk.now + 100)

    assert desk.machine.deadline == 0


def test_the_same_settlement_is_repeated_until_it_is_answered() -> None:
    """A reply may be lost after the commit: what is repeated changes nothing more."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2, key="b"))
    desk.ask()
    first, second = desk.begin_all()
    desk.end(first, FAILED)

    act = desk.machine.next_act(desk.now)
    assert isinstance(act, Settle)
    perform(act, desk.store, desk.machine.lease, desk.info, desk.settings.ttl)
    desk.machine.away(act, desk.now)
    desk.end(second)
    waits = desk.machine.next_act(desk.now)
    assert isinstance(waits, Wait)
    desk.now = waits.until
    assert desk.machine.next_act(desk.now) is act
    desk.work()

    assert desk.rows() == {("h", 1): State.WAITING}
    assert desk.store.pending() == []


def test_a_store_that_is_away_is_left_alone_for_longer_and_longer() -> None:
    """Up to five seconds, by chance."""
    desk = desk_on()
    waits = []
    for _ in range(12):
        act = desk.machine.next_act(desk.now)
        assert not isinstance(act, Wait | Stopped)
        desk.machine.away(act, desk.now)
        again = desk.machine.next_act(desk.now)
        assert isinstance(again, Wait)
        waits.append(again.until - desk.now)
        desk.now = again.until

    rounded = [round(wait, 6) for wait in waits]
    assert rounded == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5, 5, 5, 5]


def test_while_the_store_is_away_what_was_read_goes_on() -> None:
    """Handlers run as long as the lease is good, and what came of them is written later."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (first,) = desk.begin_all()
    desk.end(first)
    desk.ask()
    desk.now += 0.01
    act = desk.machine.next_act(desk.now)
    assert isinstance(act, Settle)
    desk.machine.away(act, desk.now)

    (second,) = desk.begin_all()
    desk.end(second)
    desk.wait(6)
    desk.work()

    assert desk.ids("h") == [1, 2]
    assert desk.store.pending() == []


def test_it_stops_when_what_it_began_has_ended() -> None:
    """Nothing more begins, what ended is written, then the lease is given back."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (running,) = desk.begin_all()

    desk.machine.stop(desk.now)
    desk.ask()
    assert desk.phase == "draining"
    assert desk.begin_all() == []
    desk.end(running)
    desk.ask()

    assert isinstance(desk.acts[-1], Release)
    assert desk.phase == "stopped"
    assert desk.store.pending() == [2]
    assert desk.rows() == {}


def test_it_leaves_no_event_half_done() -> None:
    """What one handler has done and another not begun is put off for that one."""
    desk = Desk(RelaySettings(threads=1))
    for name in ("one", "two"):
        desk.bus.on(Packed, via=desk.place.durable(name))(ignore)
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    one, two = desk.begin_all()
    desk.end(one)
    (one,) = desk.begin_all()
    assert (one.handler, one.id, two.handler, two.id) == ("one", 2, "two", 1)
    desk.end(one)

    desk.machine.stop(desk.now)
    desk.end(two)
    desk.ask()

    assert desk.phase == "stopped"
    assert desk.store.pending() == []
    assert desk.rows() == {("two", 2): State.WAITING}


def test_it_ends_without_those_that_do_not_end() -> None:
    """After the time to drain it stops, and keeps a lease under which something still runs."""
    desk = desk_on(settings=RelaySettings(drain=timedelta(seconds=3)))
    desk.publish(Packed(number=1))
    desk.ask()
    desk.begin_all()

    desk.machine.stop(desk.now)
    desk.wait(5)
    desk.ask()

    assert desk.phase == "stopped"
    assert Release() not in desk.acts
    assert [piece.id for piece in desk.machine.under_way()] == [1]


def test_what_was_cut_off_at_the_end_is_handled_by_the_next_one() -> None:
    """It counts as no try, and the lease is given back clean."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (running,) = desk.begin_all()
    desk.machine.stop(desk.now)

    desk.end(running, LEFT)
    desk.ask()
    after = desk_on(desk.store)
    for _ in range(3):
        after.work()
        after.wait(0.5)

    assert after.ids("h") == [1, 2]
    assert after.rows() == {}


def test_a_relay_that_stands_by_stops_at_once() -> None:
    """It has nothing to end."""
    first = desk_on()
    first.ask()
    second = desk_on(first.store)
    second.ask()

    second.machine.stop(second.now)

    assert isinstance(second.machine.next_act(second.now), Stopped)


def test_a_store_that_is_away_does_not_keep_it_from_stopping() -> None:
    """It gives up after the time to drain."""
    desk = desk_on(settings=RelaySettings(drain=timedelta(seconds=3)))
    desk.publish(Packed(number=1))
    desk.ask()
    (piece,) = desk.begin_all()
    desk.end(piece)
    act = desk.machine.next_act(desk.now)
    assert isinstance(act, Settle)
    desk.machine.away(act, desk.now)

    desk.machine.stop(desk.now)
    desk.now += 5

    assert isinstance(desk.machine.next_act(desk.now), Stopped)


def test_a_read_that_comes_back_after_the_stop_is_not_taken_in() -> None:
    """What it found is pending still."""
    desk = desk_on()
    desk.ask()
    desk.publish(Packed(number=1))
    act = desk.machine.next_act(desk.now)
    assert isinstance(act, Read)

    desk.machine.stop(desk.now)
    answer = perform(act, desk.store, desk.machine.lease, desk.info, desk.settings.ttl)
    desk.machine.answered(act, answer, desk.now, desk.now)
    desk.ask()

    assert desk.phase == "stopped"
    assert desk.store.pending() == [1]


def test_what_was_in_hand_before_is_told_from_what_is_in_hand_now() -> None:
    """Even if the very same lease is had again, a call that began before counts for nothing."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (running,) = desk.begin_all()
    desk.machine.lost(desk.now)
    desk.end(running)
    desk.ask()

    desk.end(running)
    desk.ask()
    desk.wait(0.1)
    desk.ask()
    assert desk.store.pending() == [1, 2]
    desk.work()

    assert desk.ids("h") == [1, 1, 2]


def test_it_is_idle_when_all_is_paused_or_another_relay_works() -> None:
    """There is nothing that it could wait for."""
    first = desk_on()
    first.publish(Packed(number=1))
    first.store.pause("*")
    first.ask()
    second = desk_on(first.store)
    assert not second.machine.idle
    second.ask()

    assert first.machine.idle
    assert second.machine.idle


def test_what_a_bundle_took_along_does_not_keep_it_from_standing_by() -> None:
    """When the first of a line fails under a lost lease, those behind it are not called either."""
    desk = desk_on()
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3))
    desk.ask()
    first = desk.begin()
    hands = desk.machine.hands
    assert first is not None
    assert hands is not None
    assert len(hands.bundle(first, 3)) == 3
    desk.machine.lost(desk.now)
    assert desk.phase == "lost"

    desk.end(first, FAILED)

    assert desk.phase == "standby"
