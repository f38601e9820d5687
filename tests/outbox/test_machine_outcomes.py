"""What becomes of an event by what its handler raised."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.outbox.machines import Desk, Packed, Say, by_key, ignore
from typedbus.core.retries import Backoff
from typedbus.core.verdicts import Dead, Discard, NotYet, Retry
from typedbus.outbox.handlers import OnDead
from typedbus.outbox.outcomes import Fate, Outcome, away, in_a_line, outcome_of, unreadable
from typedbus.outbox.records import State


def failing(number: int, error: BaseException) -> Say:
    """Return what lets the event of that number raise *error*."""
    return lambda piece: error if piece.id == number else None


def keyed(desk: Desk, on_dead: OnDead = "block", tries: int = 1) -> None:
    """Subscribe one handler whose events are ordered."""
    retry = Backoff(tries=tries, first=timedelta(seconds=1))
    via = desk.place.durable("h", key=by_key, retry=retry, on_dead=on_dead)
    desk.bus.on(Packed, via=via)(ignore)


def test_a_failed_try_is_counted_and_its_error_kept() -> None:
    """The delivery says how often it was tried, and what was raised last, where."""
    desk = Desk()
    keyed(desk, tries=3)
    desk.publish(Packed(number=1))

    desk.work(lambda _: ValueError("no\nway"))

    (row,) = desk.store.deliveries()
    assert (row.attempts, row.error) == (1, "ValueError: no way")
    assert row.traceback is not None
    assert row.due == desk.store.now + timedelta(seconds=1)


def test_the_wait_grows_with_each_failure_until_it_is_dead() -> None:
    """Backoff doubles the wait, and gives up after as many tries as it says."""
    desk = Desk()
    keyed(desk, tries=3)
    desk.publish(Packed(number=1))
    waits = []

    for _ in range(3):
        desk.work(lambda _: ValueError("no"))
        (row,) = desk.store.deliveries()
        waits.append(row.due - desk.store.now)
        desk.wait(waits[-1].total_seconds())

    assert waits == [timedelta(seconds=1), timedelta(seconds=2), timedelta(0)]
    assert [(row.state, row.attempts) for row in desk.store.deliveries()] == [(State.DEAD, 3)]


def test_retry_says_when_and_counts() -> None:
    """`Retry(after)` takes the place of the backoff, and is a failed try."""
    desk = Desk()
    keyed(desk, tries=3)
    desk.publish(Packed(number=1))

    desk.work(lambda _: Retry(timedelta(minutes=5)))

    (row,) = desk.store.deliveries()
    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert row.due == desk.store.now + timedelta(minutes=5)


def test_retry_does_not_go_on_for_ever() -> None:
    """`Retry` after the last try is a dead letter."""
    desk = Desk()
    keyed(desk, tries=1)
    desk.publish(Packed(number=1))

    desk.work(lambda _: Retry(timedelta(minutes=5)))

    assert desk.rows() == {("h", 1): State.DEAD}


def test_not_yet_waits_until_then_and_does_not_count() -> None:
    """`NotYet(until)` is no failed try, and the line waits."""
    desk = Desk()
    keyed(desk, tries=1)
    desk.publish(Packed(number=1), Packed(number=2))
    until = datetime(2027, 1, 1, tzinfo=UTC)

    desk.work(lambda _: NotYet(until))

    first, second = desk.store.deliveries()
    assert (first.state, first.attempts, first.due) == (State.WAITING, 0, until)
    assert second.state is State.HELD


def test_discard_is_done() -> None:
    """`Discard` forgets the event, and what is behind it goes on at once."""
    desk = Desk()
    keyed(desk)
    desk.publish(Packed(number=1), Packed(number=2))

    desk.work(failing(1, Discard("test data")))

    assert desk.ids("h") == [1, 2]
    assert desk.rows() == {}
    assert desk.store.pending() == []


@pytest.mark.parametrize("error", [Dead("no"), ZeroDivisionError()], ids=["dead", "give_up_on"])
def test_dead_is_dead_at_once(error: Exception) -> None:
    """`Dead`, and what `give_up_on` names, is not tried again."""
    desk = Desk()
    via = desk.place.durable("h", give_up_on=(ArithmeticError,))
    desk.bus.on(Packed, via=via)(ignore)
    desk.publish(Packed(number=1))

    desk.work(lambda _: error)

    (row,) = desk.store.deliveries()
    assert (row.state, row.attempts, row.line) == (State.DEAD, 1, None)


def test_a_dead_first_blocks_its_line() -> None:
    """With on_dead="block", what is behind waits for an operator; other lines do not."""
    desk = Desk()
    keyed(desk, "block")
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3, key="b"))

    desk.work(failing(1, Dead("no")))
    desk.wait(2)
    desk.publish(Packed(number=4))
    desk.work()

    assert desk.rows() == {("h", 1): State.DEAD, ("h", 2): State.HELD, ("h", 4): State.HELD}
    assert desk.ids("h") == [1, 3]


def test_a_line_goes_on_when_its_dead_first_is_decided() -> None:
    """What was held runs in order once an operator has discarded the dead one."""
    desk = Desk()
    keyed(desk, "block")
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3))
    desk.work(failing(1, Dead("no")))

    desk.store.discard("h", 1)
    desk.wait(2)
    desk.work()

    assert desk.ids("h") == [1, 2, 3]
    assert desk.rows() == {}


def test_a_dead_first_is_skipped() -> None:
    """With on_dead="skip", what is behind goes on, and the dead one stands in no line."""
    desk = Desk()
    keyed(desk, "skip")
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3))

    desk.work(failing(1, Dead("no")))
    desk.wait(1)
    desk.work()

    (row,) = desk.store.deliveries()
    assert (row.id, row.state, row.line) == (1, State.DEAD, None)
    assert desk.ids("h") == [1, 2, 3]


def test_what_is_behind_a_dead_one_dies_with_it() -> None:
    """With on_dead="park", what is in hand, in the store, and comes later becomes dead too."""
    desk = Desk()
    keyed(desk, "park", tries=2)
    desk.publish(Packed(number=1), Packed(number=2))
    desk.work(lambda _: ValueError("no"))
    desk.wait(1)
    desk.publish(Packed(number=3))

    desk.work(lambda _: ValueError("no"))
    desk.publish(Packed(number=4))
    desk.work()

    assert desk.rows() == {("h", number): State.DEAD for number in (1, 2, 3, 4)}
    assert [row.line for row in desk.store.deliveries()] == ["a"] * 4
    assert desk.ids("h") == [1, 1]


def test_an_event_that_cannot_be_read_is_dead_and_was_not_tried() -> None:
    """No handler was called: no attempt is counted, and the error tells why."""
    desk = Desk()
    keyed(desk)
    desk.publish(Packed(number=1))

    desk.work(lambda _: unreadable(ValueError("no such field")))

    (row,) = desk.store.deliveries()
    assert (row.state, row.attempts) == (State.DEAD, 0)
    assert row.error is not None
    assert "no such field" in row.error


def test_what_is_away_is_no_failed_try() -> None:
    """When a database did not answer to the handler's commit, the event waits, as new as it was."""
    desk = Desk()
    keyed(desk, tries=1)
    desk.publish(Packed(number=1))

    desk.work(lambda _: away(ConnectionError("gone")))

    (row,) = desk.store.deliveries()
    assert (row.state, row.attempts) == (State.WAITING, 0)


def test_a_call_that_was_cut_off_is_due_again() -> None:
    """It is as if it had not been made."""
    desk = Desk()
    keyed(desk, tries=1)
    desk.publish(Packed(number=1))
    desk.ask()
    (piece,) = desk.begin_all()

    desk.end(piece, Outcome(Fate.LEFT))
    desk.work()

    assert desk.ids("h") == [1, 1]
    assert desk.rows() == {}


def test_a_call_that_was_given_up_and_goes_on_keeps_its_line() -> None:
    """The next try, and all behind it, wait until the thread of the first one ends."""
    desk = Desk()
    keyed(desk, tries=3)
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (stuck,) = desk.begin_all()
    desk.end(stuck, Outcome(Fate.FAILED, "TimeoutError: long", runs_on=True))
    desk.wait(5)
    desk.work()
    assert desk.ids("h") == [1]

    desk.machine.over(stuck, desk.now)
    desk.wait(1)
    desk.work()

    assert desk.ids("h") == [1, 1, 2]
    assert desk.rows() == {}


def test_an_error_that_cannot_be_shown_is_named_all_the_same() -> None:
    """What is broken in the user's error does not break the relay."""

    class Broken(Exception):  # noqa: N818 - it is what it says
        def __str__(self) -> str:
            raise RuntimeError("no text")

    outcome = outcome_of(Broken())

    assert outcome is not None
    assert outcome.error is not None
    assert "Broken" in outcome.error


def test_a_long_error_is_cut() -> None:
    """What is stored of an error is a line that fits."""
    line = in_a_line(ValueError("x" * 10_000))

    assert len(line) <= 1000
    assert line.startswith("ValueError: xxx")


def test_an_operator_does_not_free_a_line_in_which_a_call_runs_on() -> None:
    """Who skips the event that was given up lets the next one begin when the thread has ended."""
    desk = Desk()
    keyed(desk, tries=3)
    desk.publish(Packed(number=1), Packed(number=2))
    desk.ask()
    (stuck,) = desk.begin_all()
    desk.end(stuck, Outcome(Fate.FAILED, "TimeoutError: long", runs_on=True))
    desk.work()

    desk.store.discard("h", 1)
    for _ in range(3):
        desk.wait(1)
        desk.work()
    assert desk.ids("h") == [1]
    desk.machine.over(stuck, desk.now)
    desk.work()

    assert desk.ids("h") == [1, 2]
