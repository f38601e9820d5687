"""The suite: what a handler writes in its transaction is kept once, with the end of its event."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from typedbus.core.errors import LeaseLostError
from typedbus.outbox.attempts import Attempt
from typedbus.outbox.records import Put, State, Stored, handlers_owed
from typedbus.testing.conformance.harness import UnitHarness
from typedbus.testing.conformance.records import (
    Relay,
    held,
    record,
    start,
    states,
    take_over,
    waiting,
    write,
    write_line,
)


def attempt(relay: Relay, stored: Stored, handler: str = "billing", *, late: bool) -> Attempt:
    """Return the call of *handler* for *stored* by *relay*."""
    handlers = dict(handlers_owed(stored))
    return Attempt(
        stored,
        handler,
        line=handlers[handler],
        number=1,
        late=late,
        alone=len(handlers) == 1,
        lease=relay.lease,
    )


def handle(harness: UnitHarness, call: Attempt, value: str = "invoiced") -> bool:
    """Handle an event: write *value*, and commit."""
    unit = harness.unit(call)
    harness.write(unit, value)
    return unit.commit()


_ALONE = {"billing": "k"}
_MANY = {"billing": "k", "mail": None}
_BOTH = pytest.mark.parametrize("to", [_ALONE, _MANY], ids=["owed to one", "owed to many"])


class UnitConformance:
    """What `Unit` promises, on a store that handlers can write to in the same transaction.

    Subclass it beside `StoreConformance`, with a fixture `harness` that is a `UnitHarness`.
    """

    @_BOTH
    def test_what_a_handler_writes_is_kept_once(
        self, harness: UnitHarness, to: dict[str, str | None]
    ) -> None:
        """Handling an event again, as fresh, keeps nothing and says so."""
        write(harness, record("k", to=to))
        relay = start(harness)
        (stored,) = relay.read().fresh

        first = handle(harness, attempt(relay, stored, late=False))
        again = handle(harness, attempt(relay, stored, late=False))

        assert (first, again) == (True, False)
        assert list(harness.effects()) == ["invoiced"]

    def test_an_event_owed_to_one_is_over_with_its_unit(self, harness: UnitHarness) -> None:
        """A relay that dies right after the commit leaves nothing to be done again."""
        write(harness, record("k", to=_ALONE))
        relay = start(harness)
        (stored,) = relay.read().fresh

        handle(harness, attempt(relay, stored, late=False))

        assert relay.fresh() == []
        assert relay.late() == []

    def test_an_event_owed_to_many_stays_for_the_others(self, harness: UnitHarness) -> None:
        """One handler's unit ends nothing for the other one, which is handled in its own."""
        write(harness, record("k", to=_MANY))
        relay = start(harness)
        (stored,) = relay.read().fresh

        billing = handle(harness, attempt(relay, stored, late=False))
        still_there = relay.fresh()
        mail = handle(harness, attempt(relay, stored, "mail", late=False), "mailed")
        relay.settle(done=[stored.id])

        assert (billing, mail) == (True, True)
        assert still_there == [stored.id]
        assert sorted(harness.effects()) == ["invoiced", "mailed"]
        assert not harness.pending()

    def test_nothing_is_kept_of_what_is_rolled_back(self, harness: UnitHarness) -> None:
        """The event is owed as before, and can be handled later."""
        write(harness, record("k", to=_ALONE))
        relay = start(harness)
        (stored,) = relay.read().fresh

        unit = harness.unit(attempt(relay, stored, late=False))
        harness.write(unit, "never")
        unit.roll_back()

        assert not harness.effects()
        assert relay.fresh() == [stored.id]
        assert handle(harness, attempt(relay, stored, late=False))

    @_BOTH
    def test_a_late_delivery_is_over_with_its_unit(
        self, harness: UnitHarness, to: dict[str, str | None]
    ) -> None:
        """Its row goes in that transaction, and handling it again keeps nothing."""
        (number,) = write(harness, record("k", to=to))
        relay = start(harness)
        relay.put(waiting(number, "k"))
        (late,) = relay.read().late

        first = handle(harness, attempt(relay, late.stored, late=True))
        again = handle(harness, attempt(relay, late.stored, late=True))

        assert (first, again) == (True, False)
        assert list(harness.effects()) == ["invoiced"]
        assert not harness.deliveries()

    def test_a_line_goes_on_with_the_unit_of_its_first(self, harness: UnitHarness) -> None:
        """The next is due from that commit on: the relay may die before it can say so."""
        first, second, third = write_line(harness)
        relay = start(harness)
        relay.put(waiting(first, "k"), held(second, "k"), held(third, "k"))
        stored = relay.read().late[0].stored

        handle(harness, attempt(relay, stored, late=True))

        assert states(harness) == {second: State.WAITING, third: State.HELD}

    def test_a_line_does_not_stop_when_its_end_meets_a_new_one(self, harness: UnitHarness) -> None:
        """A unit ends the first of a line while the relay puts the second behind it: it is due."""
        relay = start(harness)
        barrier = Barrier(2)

        def end(call: Attempt) -> None:
            barrier.wait()
            handle(harness, call)

        def hold(number: int) -> None:
            barrier.wait()
            relay.put(held(number, "k"))

        for _ in range(20):
            first, second = write_line(harness, many=2)
            relay.put(waiting(first, "k"))
            (late,) = relay.read().late
            with ThreadPoolExecutor(2) as pool:
                ended = pool.submit(end, attempt(relay, late.stored, late=True))
                pool.submit(hold, second).result()
                ended.result()

            assert states(harness) == {second: State.WAITING}
            relay.settle(removed=[("billing", second)])

    @_BOTH
    def test_what_was_put_apart_meanwhile_is_over_with_its_unit(
        self, harness: UnitHarness, to: dict[str, str | None]
    ) -> None:
        """A relay may write a delivery down while its handler runs: both are one event."""
        write(harness, record("k", to=to))
        relay = start(harness)
        (stored,) = relay.read().fresh

        unit = harness.unit(attempt(relay, stored, late=False))
        relay.put(waiting(stored.id, "k"))
        harness.write(unit, "invoiced")
        first = unit.commit()
        relay.settle(removed=[("billing", stored.id)])
        again = handle(harness, attempt(relay, stored, late=True))

        assert (first, again) == (True, False)
        assert list(harness.effects()) == ["invoiced"]

    @_BOTH
    def test_a_commit_whose_answer_was_lost_counts(
        self, harness: UnitHarness, to: dict[str, str | None]
    ) -> None:
        """A relay that takes it for a failure, and has it handled again, changes nothing."""
        write(harness, record("k", to=to))
        relay = start(harness)
        (stored,) = relay.read().fresh

        handle(harness, attempt(relay, stored, late=False))
        relay.put(waiting(stored.id, "k"))
        later = [late for late in relay.read().late if late.handler == "billing"]
        again = [handle(harness, attempt(relay, late.stored, late=True)) for late in later]

        assert not any(again)
        assert list(harness.effects()) == ["invoiced"]

    def test_a_late_commit_whose_answer_was_lost_counts(self, harness: UnitHarness) -> None:
        """The same for a delivery that was tried before."""
        (number,) = write(harness, record("k", to=_ALONE))
        relay = start(harness)
        relay.put(waiting(number, "k"))
        (late,) = relay.read().late

        handle(harness, attempt(relay, late.stored, late=True))
        relay.settle(puts=[waiting(number, "k")])

        assert relay.late() == []
        assert not harness.deliveries()

    @_BOTH
    @pytest.mark.parametrize("late", [False, True], ids=["fresh", "late"])
    def test_nothing_is_kept_under_a_lease_that_is_gone(
        self, harness: UnitHarness, to: dict[str, str | None], *, late: bool
    ) -> None:
        """A relay that was stopped for too long, and goes on, changes nothing."""
        (number,) = write(harness, record("k", to=to))
        former = start(harness)
        (stored,) = former.read().fresh
        if late:
            former.put(waiting(number, "k"))
        successor = take_over(harness)

        unit = harness.unit(attempt(former, stored, late=late))
        harness.write(unit, "stale")
        with pytest.raises(LeaseLostError):
            unit.commit()

        assert not harness.effects()
        assert handle(harness, attempt(successor, stored, late=late), "right")
        assert list(harness.effects()) == ["right"]

    def test_nothing_is_kept_if_the_lease_goes_while_the_handler_runs(
        self, harness: UnitHarness
    ) -> None:
        """The unit was opened in time, and that does not help."""
        if harness.writers < 2:
            pytest.skip("this store has one writer at a time: a unit keeps a takeover waiting")
        write(harness, record("k", to=_ALONE))
        former = start(harness)
        (stored,) = former.read().fresh

        unit = harness.unit(attempt(former, stored, late=False))
        successor = take_over(harness)
        harness.write(unit, "stale")
        with pytest.raises(LeaseLostError):
            unit.commit()

        assert not harness.effects()
        assert successor.fresh() == [stored.id]

    def test_the_handlers_of_an_event_do_not_know_each_other(self, harness: UnitHarness) -> None:
        """What one handler has done says nothing about another, fresh or late."""
        (number,) = write(harness, record("k", to=_MANY))
        relay = start(harness)
        (stored,) = relay.read().fresh

        handle(harness, attempt(relay, stored, late=False))
        relay.put(Put("mail", number, None, State.WAITING))
        mailed = handle(harness, attempt(relay, stored, "mail", late=True), "mailed")

        assert mailed
        assert sorted(harness.effects()) == ["invoiced", "mailed"]

    def test_another_process_may_end_a_delivery(self, harness: UnitHarness) -> None:
        """It works for the relay, without a lease of its own; the row it ends is the fence."""
        (number,) = write(harness, record("k", to=_ALONE))
        relay = start(harness)
        (stored,) = relay.read().fresh
        relay.put(Put("billing", number, "k", State.SENT, due=10 * harness.tick))
        take_over(harness)

        def elsewhere() -> bool:
            call = Attempt(stored, "billing", line="k", number=1, late=True, alone=True, lease=None)
            return handle(harness, call)

        assert (elsewhere(), elsewhere()) == (True, False)
        assert list(harness.effects()) == ["invoiced"]
        assert not harness.deliveries()
