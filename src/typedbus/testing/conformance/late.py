"""The suite: how deliveries are kept and read that left the happy path."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest

from typedbus.outbox.records import Put, State
from typedbus.testing.conformance.harness import Harness, Kept
from typedbus.testing.conformance.records import (
    MANY,
    held,
    kept,
    key_of,
    record,
    start,
    take_over,
    waiting,
    write,
    write_line,
)

_SOON = timedelta(0)


class LateConformance:
    """What `settle` and `read` promise of deliveries."""

    def test_a_delivery_is_kept_as_it_was_put(self, harness: Harness) -> None:
        """All that a relay writes of a delivery is there, and its event is done as fresh."""
        (number,) = write(harness, record("k"))
        relay = start(harness)

        relay.put(
            Put(
                "billing", number, "k", State.WAITING, 3, 1, _SOON, "ValueError: \N{SNOWMAN}", "Tr'"
            )
        )

        assert list(harness.deliveries()) == [
            Kept("billing", number, "k", State.WAITING, 3, 1, "ValueError: \N{SNOWMAN}", "Tr'")
        ]
        assert not harness.pending()

    def test_a_due_delivery_is_read_with_its_event(self, harness: Harness) -> None:
        """The event comes with it, as it was written, and so do its tries and crashes."""
        written = record("k", body='{"n": 1}')
        (number,) = write(harness, written)
        relay = start(harness)

        relay.put(Put("billing", number, "k", State.WAITING, 3, 1))

        (late,) = relay.read().late
        assert late.stored == (number, *written)
        assert late[1:] == ("billing", "k", State.WAITING, 3, 1)
        assert relay.fresh() == []

    def test_a_put_replaces_what_was_there(self, harness: Harness) -> None:
        """There is one delivery for a handler and an event, and the last word counts."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.put(waiting(number))

        relay.settle(puts=[Put("billing", number, None, State.WAITING, 2, 0, _SOON, "b")])
        relay.settle(puts=[Put("billing", number, None, State.DEAD, 3, 0, _SOON, "c", "d")])

        assert list(harness.deliveries()) == [
            Kept("billing", number, None, State.DEAD, 3, 0, "c", "d")
        ]

    def test_an_error_is_kept_until_there_is_a_new_one(self, harness: Harness) -> None:
        """A put that tells no error says nothing about the one before."""
        (number,) = write(harness, record())
        relay = start(harness)
        relay.put(Put("billing", number, None, State.WAITING, 1, 0, _SOON, "ValueError", "Trace"))

        relay.settle(puts=[Put("billing", number, None, State.RUNNING, 1)])

        (row,) = harness.deliveries()
        assert (row.state, row.error, row.traceback) == (State.RUNNING, "ValueError", "Trace")

    def test_what_ran_is_read_whenever_it_is_due(self, harness: Harness) -> None:
        """A relay marks what it runs; if it dies, the mark is seen at once."""
        (number,) = write(harness, record())
        start(harness).put(Put("billing", number, None, State.RUNNING, due=1000 * harness.tick))

        found = take_over(harness).read().late

        assert [(late.state, late.stored.id) for late in found] == [(State.RUNNING, number)]

    def test_each_handler_has_a_delivery_of_its_own(self, harness: Harness) -> None:
        """One event may be owed to many handlers, each at its own stage."""
        (number,) = write(harness, record("k", to={"billing": "k", "mail": None}))
        relay = start(harness)
        relay.put(waiting(number, "k"), Put("mail", number, None, State.WAITING))

        relay.settle(removed=[("billing", number)])

        assert relay.late() == [("mail", number)]

    def test_a_delivery_is_not_read_before_it_is_due(self, harness: Harness) -> None:
        """It is due after the while that was said, by the clock of the store."""
        (number,) = write(harness, record())
        relay = start(harness)

        relay.put(waiting(number, due=3 * harness.tick))
        before = relay.late()
        harness.pass_time(4 * harness.tick)

        assert before == []
        assert relay.late() == [("billing", number)]

    @pytest.mark.parametrize("hours", [0, 5, -8])
    def test_a_delivery_may_be_due_at_a_time(self, harness: Harness, hours: int) -> None:
        """A time counts with its zone, whatever the zone of the database and of the process."""
        zone = timezone(timedelta(hours=hours))
        past, coming = write(harness, record(), record())
        relay = start(harness)
        now = harness.now().astimezone(zone)

        relay.put(
            Put("billing", past, None, State.WAITING, due=now - harness.tick),
            Put("billing", coming, None, State.WAITING, due=now + 3 * harness.tick),
        )
        before = relay.late()
        harness.pass_time(4 * harness.tick)

        assert before == [("billing", past)]
        assert relay.late() == [("billing", past), ("billing", coming)]

    @pytest.mark.parametrize(
        ("state", "is_read"),
        [
            (State.WAITING, True),
            (State.RUNNING, True),
            (State.SENT, True),
            (State.UNKNOWN, False),
            (State.DEAD, False),
        ],
    )
    def test_what_somebody_must_look_at_is_read(
        self, harness: Harness, state: State, *, is_read: bool
    ) -> None:
        """What runs or was sent is read too, once it is due; what nobody can handle is not."""
        (number,) = write(harness, record())
        relay = start(harness)

        relay.put(Put("billing", number, None, state))

        assert [late.state for late in relay.read().late] == [state] * is_read

    def test_deliveries_are_read_in_the_order_of_their_events(self, harness: Harness) -> None:
        """The lowest numbers come first, whoever became due first."""
        numbers = write(harness, *(record() for _ in range(4)))
        relay = start(harness)

        for number in reversed(numbers):
            relay.put(waiting(number))

        assert relay.late() == [("billing", number) for number in numbers]

    def test_known_deliveries_are_left_out(self, harness: Harness) -> None:
        """What the reader has in its hands is left out, one handler's and not the other's."""
        first, second = write(
            harness, *(record(to={"billing": None, "mail": None}) for _ in range(2))
        )
        relay = start(harness)
        relay.put(
            *(
                Put(name, number, None, State.WAITING)
                for number in (first, second)
                for name in ("billing", "mail")
            )
        )

        found = relay.read(known_late={("billing", first), ("mail", second)}).late

        assert [key_of(late) for late in found] == [("mail", first), ("billing", second)]

    def test_all_due_deliveries_are_read_in_turn(self, harness: Harness) -> None:
        """However few are asked for, whoever puts aside what it has sees the others."""
        numbers = write(harness, *(record() for _ in range(10)))
        relay = start(harness)
        relay.put(*(waiting(number) for number in numbers))

        found: set[tuple[str, int]] = set()
        for _ in numbers:
            found.update(key_of(late) for late in relay.read(late=3, known_late=found).late)

        assert found == {("billing", number) for number in numbers}

    def test_no_more_deliveries_are_read_than_asked_for(self, harness: Harness) -> None:
        """A limit counts those that are held behind others, too."""
        numbers = write_line(harness, many=6)
        relay = start(harness)
        relay.put(waiting(numbers[0], "k"), *(held(number, "k") for number in numbers[1:]))

        found = [late.stored.id for late in relay.read(late=3).late]

        assert found
        assert found == numbers[: len(found)]
        assert len(found) <= 3
        assert not relay.read(late=0).late

    def test_a_paused_handler_is_left_out(self, harness: Harness) -> None:
        """Its deliveries stay where they are; "*" pauses them all."""
        (number,) = write(harness, record(to={"billing": None, "mail": None}))
        relay = start(harness)
        relay.put(waiting(number), Put("mail", number, None, State.WAITING))

        one, everything = relay.read(paused={"mail"}), relay.read(paused={"*"})

        assert [late.handler for late in one.late] == ["billing"]
        assert not everything.late
        assert len(harness.deliveries()) == 2

    def test_the_store_tells_which_handlers_are_paused(self, harness: Harness) -> None:
        """What an operator pauses is seen by the relay until it is resumed."""
        relay = start(harness)
        relay.store.know_handlers(relay.lease, ["billing", "mail"])

        harness.pause("billing")
        harness.pause("*")
        both = set(relay.store.paused(relay.lease))
        harness.resume("*")

        assert both == {"billing", "*"}
        assert set(relay.store.paused(relay.lease)) == {"billing"}

    def test_the_handlers_of_a_relay_are_noted(self, harness: Harness) -> None:
        """Who looks at the outbox sees which handlers some code has; noting twice is fine."""
        relay = start(harness)

        relay.store.know_handlers(relay.lease, ["billing", "mail.Grüße"])
        relay.store.know_handlers(relay.lease, ["billing", "mail.Grüße", "Billing"])

        assert set(harness.known_handlers()) == {"billing", "mail.Grüße", "Billing"}

    def test_a_delivery_that_nobody_knows_is_kept_and_read_back(self, harness: Harness) -> None:
        """It waits for a relay that has the handler, and stands in its line meanwhile."""
        numbers = write(harness, *(record("k", to={"new": "k"}) for _ in range(3)))
        relay = start(harness)
        relay.put(*(Put("new", number, "k", State.UNKNOWN) for number in numbers))

        def unknown(
            *handlers: str, limit: int = MANY, after: tuple[int, str] | None = None
        ) -> list[int]:
            batch = relay.store.read_unknown(
                relay.lease, handlers=handlers, limit=limit, after=after
            )
            assert not batch.fresh
            return [late.stored.id for late in batch.late]

        assert unknown("other") == []
        assert unknown() == []
        assert unknown("new", "other") == numbers
        assert unknown("new", limit=2) == numbers[:2]
        assert unknown("new", after=(numbers[0], "new")) == numbers[1:]
        assert unknown("new", after=(numbers[0], "a")) == numbers
        assert relay.late() == []
        assert relay.store.occupied(relay.lease).waiting == {("new", "k")}

    def test_a_delivery_becomes_known(self, harness: Harness) -> None:
        """A relay that has the handler puts it into its line: the first of it is due at once."""
        numbers = write(harness, *(record("k", to={"new": "k"}) for _ in range(2)))
        relay = start(harness)
        relay.put(*(Put("new", number, "k", State.UNKNOWN) for number in numbers))

        relay.settle(puts=[Put("new", number, "k", State.HELD) for number in numbers])

        batch = relay.store.read_unknown(relay.lease, handlers=["new"], limit=MANY)
        assert not batch.late
        assert [row.state for row in kept(harness).values()].count(State.WAITING) == 1
        assert relay.late() == [("new", number) for number in numbers]

    def test_long_errors_do_not_hurt(self, harness: Harness) -> None:
        """A traceback of any length may be cut, and does not keep a delivery from being put."""
        (number,) = write(harness, record())
        relay = start(harness)

        relay.put(
            Put(
                "billing", number, None, State.DEAD, 1, 0, _SOON, "ä" * 100_000, "Zeile\n" * 100_000
            )
        )

        (row,) = harness.deliveries()
        assert row.error
        assert "ä" * 50 in row.error
        assert row.traceback
        assert "Zeile\n" * 10 in row.traceback
