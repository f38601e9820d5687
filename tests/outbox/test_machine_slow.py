"""What the machine does about slow handlers, paused ones, and other processes."""

from datetime import timedelta

from tests.outbox.machines import Desk, Packed, Sent, by_key, ignore
from typedbus.core.deliveries import Delivery
from typedbus.core.messages import Message
from typedbus.outbox.acts import Read
from typedbus.outbox.outcomes import Fate, Outcome
from typedbus.outbox.records import State
from typedbus.outbox.settings import RelaySettings

FAILED = Outcome(Fate.FAILED, "ValueError: no")
AWAY = Outcome(Fate.AWAY, "BrokerAwayError: gone")
SMALL = RelaySettings(batch=4, window=8, threads=4)


class Post:
    """A carrier to another process; the test says what comes of what it is given."""

    def deliver(self, name: str, /) -> Delivery:
        """Refuse: it only sends."""
        raise NotImplementedError(name)

    def send(self, message: Message, handler: str, /) -> None:
        """Refuse: the machine only says what is to be sent."""
        raise NotImplementedError(handler)


def slow_and_quick(settings: RelaySettings = SMALL) -> Desk:
    """Return a desk with a handler that never ends what it begins, and one that does."""
    desk = Desk(settings)
    desk.bus.on(Packed, via=desk.place.durable("slow", key=by_key))(ignore)
    desk.bus.on(Sent, via=desk.place.durable("quick", key=by_key))(ignore)
    return desk


def end_quick(desk: Desk) -> None:
    """Do all that can be done, but end nothing of the slow handler."""
    for _ in range(20):
        desk.ask()
        for piece in desk.begin_all():
            if piece.handler == "quick":
                desk.end(piece)


def test_what_a_slow_handler_has_not_begun_gives_way() -> None:
    """When it has filled the window for a second, its events wait apart and the rest goes on."""
    desk = slow_and_quick()
    desk.publish(*(Packed(number=n) for n in range(20)), Sent(number=1))
    end_quick(desk)
    assert desk.ids("quick") == []

    for _ in range(4):
        desk.wait(1.1)
        end_quick(desk)

    assert desk.ids("quick") == [21]
    assert desk.ids("slow") == [1]
    assert desk.store.pending() == [1]
    assert {state for (name, _), state in desk.rows().items() if name == "slow"} == {
        State.WAITING,
        State.HELD,
    }


def test_what_gave_way_runs_in_order_when_the_handler_is_free() -> None:
    """Nothing is lost of it, and the line stays a line."""
    desk = slow_and_quick()
    desk.publish(*(Packed(number=n) for n in range(20)))
    end_quick(desk)
    for _ in range(4):
        desk.wait(1.1)
        end_quick(desk)

    (running,) = desk.machine.under_way()
    desk.end(running)
    for _ in range(4):
        desk.work()
        desk.wait(1)

    assert desk.ids("slow") == list(range(1, 21))
    assert desk.rows() == {}


def test_events_go_the_short_way_again_when_the_handler_has_caught_up() -> None:
    """Putting off ends with the backlog."""
    desk = slow_and_quick()
    desk.publish(*(Packed(number=n) for n in range(20)))
    end_quick(desk)
    desk.wait(1.1)
    end_quick(desk)
    (running,) = desk.machine.under_way()
    desk.end(running)
    for _ in range(4):
        desk.work()
        desk.wait(1)
    before = len(desk.settlements)

    desk.publish(Packed(number=99))
    desk.work()

    assert desk.ids("slow")[-1] == 21
    assert not any(settlement.puts for settlement in desk.settlements[before:])


def test_the_only_handler_keeps_its_events_in_hand() -> None:
    """Where nobody else is held up, nothing is put off."""
    desk = Desk(SMALL)
    desk.bus.on(Packed, via=desk.place.durable("slow", key=by_key))(ignore)
    desk.publish(*(Packed(number=n) for n in range(20)))
    end_quick(desk)

    desk.wait(3)
    end_quick(desk)

    assert desk.rows() == {}
    assert desk.settlements == []


def test_a_paused_handler_begins_nothing_and_loses_nothing() -> None:
    """What is owed to it waits in the store; other handlers go on."""
    desk = slow_and_quick()
    desk.store.pause("slow")
    desk.publish(Packed(number=1), Packed(number=2), Sent(number=3))

    desk.work()
    assert desk.began == [("quick", 3)]
    assert desk.rows() == {("slow", 1): State.WAITING, ("slow", 2): State.HELD}
    desk.store.resume("slow")
    desk.wait(1.1)
    desk.work()

    assert desk.ids("slow") == [1, 2]
    assert desk.rows() == {}


def test_pausing_puts_off_what_is_in_hand() -> None:
    """What had not begun when the handler was paused does not begin."""
    desk = slow_and_quick()
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3, key="b"))
    desk.ask()
    first = desk.begin()
    assert first is not None

    desk.store.pause("slow")
    desk.wait(1.1)
    desk.ask()
    assert desk.begin_all() == []
    desk.end(first)
    desk.work()
    desk.store.resume("slow")
    desk.wait(1.1)
    desk.work()

    assert desk.ids("slow") == [1, 2, 3]
    assert desk.rows() == {}


def test_when_all_is_paused_nothing_is_read_and_nothing_begins() -> None:
    """An operator who pauses "*" stops the relay where it is."""
    desk = slow_and_quick()
    desk.publish(Packed(number=1))
    desk.ask()
    desk.store.pause("*")
    desk.wait(1.1)
    desk.ask()
    reads = len([act for act in desk.acts if isinstance(act, Read)])

    desk.publish(Sent(number=2))
    desk.work()
    assert desk.began == []
    assert len([act for act in desk.acts if isinstance(act, Read)]) == reads
    desk.store.resume("*")
    desk.wait(1.1)
    desk.work()

    assert sorted(desk.began) == [("quick", 2), ("slow", 1)]


def remote(desk: Desk) -> Desk:
    """Subscribe a handler that runs in another process."""
    via = desk.place.durable("far", key=by_key, to=Post(), resend_after=timedelta(minutes=5))
    desk.bus.on(Packed, via=via)(ignore)
    return desk


def test_what_is_handed_over_is_noted_before_it_is_sent() -> None:
    """If the relay dies in between, it is sent by the next one: never is it forgotten."""
    desk = remote(Desk())
    desk.publish(Packed(number=1))

    desk.ask()
    (piece,) = desk.begin_all()

    assert piece.route.carrier is not None
    assert desk.rows() == {("far", 1): State.SENT}
    assert desk.store.pending() == []
    desk.end(piece)
    desk.work()
    assert desk.rows() == {("far", 1): State.SENT}


def test_of_a_line_only_the_first_is_sent() -> None:
    """The next one is sent when the other process has removed the first."""
    desk = remote(Desk())
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3, key="b"))

    desk.work()
    assert desk.ids("far") == [1, 3]
    desk.store.discard("far", 1)  # as the other process does that is done with it
    desk.machine.rung(desk.now)
    desk.wait(0.1)
    desk.work()

    assert desk.ids("far") == [1, 3, 2]
    assert desk.rows() == {("far", 2): State.SENT, ("far", 3): State.SENT}


def test_what_is_not_done_in_time_is_sent_again() -> None:
    """A broker may forget; the obligation stands in the store."""
    desk = remote(Desk())
    desk.publish(Packed(number=1), Packed(number=2))
    desk.work()

    for _ in range(6):
        desk.wait(60)
        desk.work()

    assert desk.ids("far") == [1, 1]
    assert [row.attempts for row in desk.store.deliveries()] == [0, 0]


def test_a_broker_that_is_away_is_left_alone_and_nothing_counts_as_tried() -> None:
    """What is to be sent waits, and so does what comes meanwhile."""
    desk = remote(Desk())
    desk.publish(Packed(number=1, key="a"), Packed(number=2, key="b"))
    desk.ask()
    for piece in desk.begin_all():
        desk.end(piece, AWAY)

    desk.publish(Packed(number=3, key="c"))
    desk.work(lambda _: AWAY)
    assert len(desk.ids("far")) == 2
    for _ in range(10):
        desk.wait(4)
        desk.work()

    assert sorted(set(desk.ids("far"))) == [1, 2, 3]
    assert {row.state for row in desk.store.deliveries()} == {State.SENT}
    assert {row.attempts for row in desk.store.deliveries()} == {0}


def test_a_failure_to_send_that_is_no_outage_is_a_failed_try() -> None:
    """An event that is too large for the carrier will not shrink."""
    desk = remote(Desk())
    desk.publish(Packed(number=1))

    desk.work(lambda _: FAILED)

    (row,) = desk.store.deliveries()
    assert (row.state, row.attempts) == (State.WAITING, 1)


def test_what_was_noted_and_not_sent_is_due_at_once_for_the_next_relay() -> None:
    """A relay that stops takes the note back, instead of leaving it until it is sent again."""
    desk = remote(Desk(RelaySettings(threads=1)))
    desk.publish(Packed(number=1, key="a"), Packed(number=2, key="b"))
    desk.ask()
    (sending,) = desk.begin_all()

    desk.machine.stop(desk.now)
    desk.end(sending)
    desk.ask()

    assert desk.rows() == {("far", 1): State.SENT, ("far", 2): State.WAITING}
