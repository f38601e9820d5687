"""The suite: a settlement is written whole or not at all, once however often it is sent."""

from __future__ import annotations

import pytest

from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Put, Settlement, State
from typedbus.testing.conformance.harness import Harness, Kept
from typedbus.testing.conformance.records import (
    dead,
    held,
    record,
    start,
    take_over,
    waiting,
    write,
    write_line,
)


def snapshot(harness: Harness) -> tuple[list[int], list[Kept]]:
    """Return all that is owed."""
    rows = sorted(harness.deliveries(), key=lambda row: (row.id, row.handler))
    return sorted(harness.pending()), rows


class SettlingConformance:
    """What `settle` promises as a whole."""

    def test_an_empty_settlement_changes_nothing(self, harness: Harness) -> None:
        """Having nothing to write down is fine."""
        write(harness, record())
        relay = start(harness)
        before = snapshot(harness)

        assert not relay.settle()
        assert snapshot(harness) == before

    def test_a_relay_that_lost_the_lease_writes_nothing(self, harness: Harness) -> None:
        """Of no part of its settlement is anything kept, from the moment of the takeover."""
        first, second, third = write_line(harness)
        former = start(harness)
        former.put(waiting(first, "k"), held(second, "k"))
        take_over(harness)
        before = snapshot(harness)

        settlements = [
            Settlement(done=[third]),
            Settlement(done=[third], puts=[held(third, "k")]),
            Settlement(puts=[dead(first, "k")]),
            Settlement(removed=[("billing", first)]),
            Settlement(parked=[("billing", "k")]),
        ]
        for settlement in settlements:
            with pytest.raises(LeaseLostError):
                former.store.settle(former.lease, settlement)

        assert snapshot(harness) == before

    def test_a_relay_that_gave_the_lease_back_writes_nothing(self, harness: Harness) -> None:
        """Its time is over, though nobody has come after it yet."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.store.release_lease(relay.lease)

        with pytest.raises(LeaseLostError):
            relay.settle(done=[number])

        assert list(harness.pending()) == [number]

    def test_a_settlement_may_be_repeated(self, harness: Harness) -> None:
        """A relay that got no answer sends the same again: it counts once, with the same answer."""
        numbers = write_line(harness, many=5)
        relay = start(harness)
        relay.put(waiting(numbers[0], "k"), held(numbers[1], "k"), held(numbers[2], "k"))

        def settle() -> frozenset[tuple[str, str]]:
            return relay.settle(
                done=[numbers[3], numbers[4]],
                puts=[held(numbers[3], "k"), dead(numbers[1], None)],
                removed=[("billing", numbers[0])],
            )

        first = settle()
        once = snapshot(harness)

        assert settle() == first
        assert snapshot(harness) == once
        assert {row.id: row.state for row in once[1]} == {
            numbers[1]: State.DEAD,
            numbers[2]: State.WAITING,
            numbers[3]: State.HELD,
        }

    def test_what_is_still_owed_of_an_event_is_kept_with_its_end(self, harness: Harness) -> None:
        """An event owed to many is done as fresh, and owed to one, in one settlement."""
        (number,) = write(harness, record(to={"billing": None, "mail": None}))
        relay = start(harness)

        relay.settle(done=[number], puts=[Put("mail", number, None, State.WAITING)])

        assert relay.fresh() == []
        assert relay.late() == [("mail", number)]

    def test_what_an_operator_discarded_stays_away(self, harness: Harness) -> None:
        """A relay that had it in its hands does not bring it back."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.put(waiting(number))

        harness.discard("billing", number)
        relay.settle(puts=[waiting(number)])

        assert not harness.deliveries()

    def test_what_is_owed_no_more_is_not_put(self, harness: Harness) -> None:
        """A handler's own transaction may have ended what its relay takes for a failure."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.settle(done=[number])

        relay.settle(done=[number], puts=[waiting(number)])

        assert not harness.deliveries()

    def test_removing_what_is_gone_is_fine(self, harness: Harness) -> None:
        """A handler's own transaction may have removed it before."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.put(waiting(number))

        relay.settle(removed=[("billing", number)])
        relay.settle(removed=[("billing", number), ("mail", number), ("billing", number + 1000)])

        assert not harness.deliveries()
