"""The suite: lines, in which one delivery is handled after the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from typedbus.outbox.records import Put, State
from typedbus.testing.conformance.harness import Harness
from typedbus.testing.conformance.records import (
    MANY,
    dead,
    held,
    kept,
    record,
    start,
    states,
    take_over,
    waiting,
    write,
    write_line,
)

LINE = ("billing", "k")
HOUR = timedelta(hours=1)


class LinesConformance:
    """What `settle` and `occupied` promise of lines."""

    def test_held_deliveries_come_with_the_first_of_their_line(self, harness: Harness) -> None:
        """When the first of a line is due, those behind it are read with it, in order."""
        numbers = write_line(harness)
        relay = start(harness)

        relay.put(held(numbers[1], "k"), waiting(numbers[0], "k"), held(numbers[2], "k"))

        assert relay.late() == [("billing", number) for number in numbers]

    def test_held_deliveries_wait_for_the_first_of_their_line(self, harness: Harness) -> None:
        """As long as the first of a line is not due, nothing behind it is read."""
        first, second, third = write_line(harness)
        relay = start(harness)

        relay.put(waiting(first, "k", due=HOUR), held(second, "k"))
        relay.put(held(third, "k"))

        assert relay.late() == []
        assert states(harness) == {first: State.WAITING, second: State.HELD, third: State.HELD}

    @pytest.mark.parametrize("state", [State.UNKNOWN, State.DEAD, State.SENT])
    def test_held_deliveries_come_up_to_one_that_is_not(
        self, harness: Harness, state: State
    ) -> None:
        """What is held behind something that nobody can handle now does not pass it."""
        first, second, third, fourth = write_line(harness, many=4)
        relay = start(harness)

        relay.put(
            waiting(first, "k"),
            held(second, "k"),
            Put("billing", third, "k", state, due=HOUR, error="no"),
            held(fourth, "k"),
        )

        assert relay.late() == [("billing", first), ("billing", second)]

    @pytest.mark.parametrize("state", [State.RUNNING, State.SENT, State.UNKNOWN, State.DEAD])
    def test_a_line_waits_for_its_first_in_any_state(self, harness: Harness, state: State) -> None:
        """Nothing passes what runs, was sent, is known to nobody, or is dead and blocks."""
        first, second = write_line(harness, many=2)
        relay = start(harness)

        relay.put(Put("billing", first, "k", state, due=HOUR), held(second, "k"))

        assert not relay.read(known_late={("billing", first)}).late
        assert states(harness) == {first: state, second: State.HELD}

    def test_the_first_of_a_line_is_never_held(self, harness: Harness) -> None:
        """One that is put as held, with nothing before it, is due at once; only the first is."""
        first, second, third = write_line(harness)
        relay = start(harness)

        relay.put(held(second, "k"), held(first, "k"), held(third, "k"))

        assert states(harness) == {first: State.WAITING, second: State.HELD, third: State.HELD}
        assert relay.late()[0] == ("billing", first)

    def test_none_but_the_first_of_a_line_is_waiting(self, harness: Harness) -> None:
        """A lower number that comes later is the first, and what waited is held behind it."""
        first, second, third = write_line(harness)
        relay = start(harness)
        relay.put(held(second, "k"), held(third, "k"))

        relay.put(held(first, "k"))

        assert states(harness) == {first: State.WAITING, second: State.HELD, third: State.HELD}
        assert relay.late() == [("billing", number) for number in (first, second, third)]

    def test_the_next_of_a_line_is_due_when_the_first_is_over(self, harness: Harness) -> None:
        """Removing the first makes the next due at once, and no other."""
        first, second, third = write_line(harness)
        relay = start(harness)
        relay.put(waiting(first, "k", due=HOUR), held(second, "k"), held(third, "k"))

        free = relay.settle(removed=[("billing", first)])

        assert not free
        assert states(harness) == {second: State.WAITING, third: State.HELD}
        assert relay.late() == [("billing", second), ("billing", third)]

    def test_a_line_goes_on_past_a_dead_one_that_does_not_block(self, harness: Harness) -> None:
        """A dead delivery put without its line lets the next one be due."""
        first, second = write_line(harness, many=2)
        relay = start(harness)
        relay.put(waiting(first, "k"), held(second, "k"))

        free = relay.settle(puts=[dead(first, None)])

        assert not free
        assert states(harness) == {first: State.DEAD, second: State.WAITING}

    def test_lines_that_are_free_are_told(self, harness: Harness) -> None:
        """Those that were touched and hold nothing any more, and no others."""
        first, second = write_line(harness, many=2)
        (other,) = write(harness, record("other"))
        relay = start(harness)
        none = relay.put(waiting(first, "k"), held(second, "k"), waiting(other, "other"))

        one = relay.settle(removed=[("billing", first)])
        two = relay.settle(removed=[("billing", second)])

        assert not none
        assert not one
        assert two == {LINE}

    def test_a_line_is_free_when_its_last_one_leaves_it_dead(self, harness: Harness) -> None:
        """A dead delivery put without its line holds the line no more."""
        (number,) = write_line(harness, many=1)
        relay = start(harness)
        relay.put(waiting(number, "k"))

        assert relay.settle(puts=[dead(number, None)]) == {LINE}

    def test_a_free_line_is_told_again(self, harness: Harness) -> None:
        """The settlement that is repeated, its answer being lost, has the same answer."""
        (number,) = write_line(harness, many=1)
        relay = start(harness)
        relay.put(waiting(number, "k"))

        first = relay.settle(removed=[("billing", number)])
        again = relay.settle(removed=[("billing", number)])

        assert first == again == {LINE}

    def test_a_line_may_be_occupied_and_freed_in_one_settlement(self, harness: Harness) -> None:
        """Many steps of one line fit into one settlement."""
        first, second, third = write_line(harness)
        relay = start(harness)
        relay.put(waiting(first, "k"), held(second, "k"))

        free = relay.settle(
            done=[third], puts=[held(third, "k")], removed=[("billing", first), ("billing", second)]
        )

        assert not free
        assert states(harness) == {third: State.WAITING}

    def test_occupied_lines_are_told(self, harness: Harness) -> None:
        """Lines whose first is dead are told apart; what stands in no line occupies none."""
        one, behind, two, three, four = write(
            harness, record("1"), record("1"), record("2"), record("3"), record("")
        )
        relay = start(harness)

        relay.put(
            waiting(one, "1", due=HOUR),
            held(behind, "1"),
            dead(two, "2"),
            dead(three, None),
            waiting(four, ""),
        )

        occupied = relay.store.occupied(relay.lease)
        assert occupied.waiting == {("billing", "1"), ("billing", "")}
        assert occupied.dead == {("billing", "2")}

    def test_an_event_behind_a_dead_one_does_not_hide_it(self, harness: Harness) -> None:
        """The first of a line decides what it waits for."""
        first, second = write_line(harness, many=2)
        relay = start(harness)

        relay.put(dead(first, "k"), held(second, "k"))

        occupied = relay.store.occupied(relay.lease)
        assert not occupied.waiting
        assert occupied.dead == {LINE}

    def test_occupied_lines_are_told_to_the_next_relay(self, harness: Harness) -> None:
        """Whoever takes over sees every line that the one before had written down."""
        first, second = write_line(harness, many=2)
        start(harness).put(waiting(first, "k", due=1000 * HOUR), held(second, "k"))

        successor = take_over(harness)

        assert successor.store.occupied(successor.lease).waiting == {LINE}

    @pytest.mark.parametrize(
        "pair",
        [("a", "A"), ("a", "a "), ("e", "\u00e9"), ("\u00e9", "e\u0301"), ("ss", "ß"), ("", " ")],
        ids=["case", "space", "accent", "composed", "sharp s", "empty"],
    )
    def test_keys_that_differ_are_different_lines(
        self, harness: Harness, pair: tuple[str, str]
    ) -> None:
        """Keys are compared as they are: by no collation that takes two for one."""
        one, other = (write(harness, record(key))[0] for key in pair)
        relay = start(harness)

        relay.put(held(one, pair[0]), held(other, pair[1]))
        free = relay.settle(removed=[("billing", one)])

        assert states(harness) == {other: State.WAITING}
        assert free == {("billing", pair[0])}
        assert relay.store.occupied(relay.lease).waiting == {("billing", pair[1])}

    @pytest.mark.parametrize("names", [("mail", "Mail"), ("mail", "mail."), ("e", "\u00e9")])
    def test_handlers_that_differ_have_different_lines(
        self, harness: Harness, names: tuple[str, str]
    ) -> None:
        """One key of two handlers is two lines, and names are compared as they are."""
        one, other = names
        (number,) = write(harness, record("k", to=dict.fromkeys(names, "k")))
        relay = start(harness)

        relay.put(Put(one, number, "k", State.HELD), Put(other, number, "k", State.HELD))
        free = relay.settle(removed=[(one, number)])

        assert set(kept(harness)) == {(other, number)}
        assert free == {(one, "k")}

    def test_parked_deliveries_are_given_up_with_the_first(self, harness: Harness) -> None:
        """All that is held in the line dies, says why, and stands where it stood."""
        first, second, third = write_line(harness)
        (other,) = write(harness, record("other"))
        relay = start(harness)
        relay.put(waiting(first, "k"), held(second, "k"), held(third, "k"), waiting(other, "other"))

        relay.settle(puts=[dead(first, "k")], parked=[LINE])

        rows = kept(harness)
        assert {number: rows["billing", number].state for number in (first, second, third)} == {
            first: State.DEAD,
            second: State.DEAD,
            third: State.DEAD,
        }
        assert rows["billing", second].error
        assert rows["billing", second].line == "k"
        assert rows["billing", other].state is State.WAITING
        assert relay.store.occupied(relay.lease).dead == {LINE}

    def test_a_long_line_is_read_in_order(self, harness: Harness) -> None:
        """Thousands may be held in one line."""
        numbers = write(harness, *(record("k") for _ in range(MANY)))
        relay = start(harness)
        relay.put(*(held(number, "k") for number in reversed(numbers)))

        found: list[int] = []
        while batch := relay.read(late=1000).late:
            done = [late.stored.id for late in batch]
            found += done
            relay.settle(removed=[("billing", number) for number in done])

        assert found == numbers
