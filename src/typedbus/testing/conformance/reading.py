"""The suite: how events are read, of which nothing was done yet."""

from __future__ import annotations

import json

import pytest

from typedbus.testing.conformance.harness import Harness
from typedbus.testing.conformance.records import MANY, record, start, write

_ODD = {
    "empty": "",
    "spaces": "  a b  ",
    "emoji": "\N{SNOWMAN}\N{PILE OF POO} Grüße \N{HEBREW LETTER ALEF}",
    "quotes": 'it\'s "quoted" `so` \\ and %s %(x)s :name ? $1',
    "lines": "a\nb\r\n\tc",
    "long": "k" * 200,
}
_TEN_MEGABYTES = 10_000_000


class ReadingConformance:
    """What `read` promises of fresh events."""

    def test_nothing_is_found_in_an_empty_store(self, harness: Harness) -> None:
        """A store in which nothing was written has nothing to do."""
        batch = start(harness).read()

        assert not batch.fresh
        assert not batch.late

    def test_an_event_is_read_as_it_was_written(self, harness: Harness) -> None:
        """All that was written comes back equal, with the number that was drawn."""
        written = record(
            "k", to={"billing": "k", "mail": None}, body='{"n": 1}', headers='{"a":""}'
        )
        (number,) = write(harness, written)

        (found,) = start(harness).read().fresh

        assert found == (number, *written)

    @pytest.mark.parametrize("text", _ODD.values(), ids=list(_ODD))
    def test_any_text_is_read_as_it_was_written(self, harness: Harness, text: str) -> None:
        """Keys, bodies and headers may hold any text, the empty one included."""
        as_json = json.dumps(text, ensure_ascii=False)
        written = record(text, body=as_json, headers=as_json)
        write(harness, written)

        (found,) = start(harness).read().fresh

        assert found[1:] == written

    def test_a_large_body_is_read_as_it_was_written(self, harness: Harness) -> None:
        """An event of ten megabytes comes back whole."""
        written = record(body=json.dumps("x" * _TEN_MEGABYTES))
        write(harness, written)

        (found,) = start(harness).read().fresh

        # Compared apart: nobody wants to read the difference.
        assert len(found.body) == len(written.body)
        same = found.body == written.body
        assert same

    def test_no_key_and_an_empty_key_are_two_things(self, harness: Harness) -> None:
        """An event without a key is not one with an empty key."""
        write(harness, record(None), record(""))

        found = start(harness).read().fresh

        assert [stored.key for stored in found] == [None, ""]

    def test_events_are_read_in_the_order_of_their_numbers(self, harness: Harness) -> None:
        """The lowest numbers come first, across transactions."""
        numbers = [*write(harness, record(), record()), *write(harness, record(), record())]

        relay = start(harness)

        assert numbers == sorted(set(numbers))
        assert relay.fresh() == numbers
        assert [stored.id for stored in relay.read(fresh=3).fresh] == numbers[:3]

    def test_what_was_rolled_back_is_never_read(self, harness: Harness) -> None:
        """An event exists exactly when its transaction was committed."""
        writer = harness.begin()
        writer.add(record())
        writer.roll_back()
        (number,) = write(harness, record())

        assert start(harness).fresh() == [number]

    def test_what_is_not_committed_is_not_read_yet(self, harness: Harness) -> None:
        """An event is seen from its commit on, not before."""
        relay = start(harness)
        writer = harness.begin()
        number = writer.add(record())

        before = relay.fresh()
        writer.commit()

        assert before == []
        assert relay.fresh() == [number]

    def test_a_lower_number_that_is_committed_later_is_read(self, harness: Harness) -> None:
        """What a slow transaction wrote is read, though higher numbers are done already."""
        if harness.writers < 2:
            pytest.skip("this store has one writer at a time")
        relay = start(harness)
        slow = harness.begin()
        lower = slow.add(record())
        (higher,) = write(harness, record())

        before = relay.fresh()
        relay.settle(done=[higher])
        slow.commit()

        assert lower < higher
        assert before == [higher]
        assert relay.fresh() == [lower]

    def test_reading_takes_nothing_away(self, harness: Harness) -> None:
        """An event is read until it is settled, by whoever reads."""
        numbers = write(harness, record(), record())
        relay = start(harness)

        assert relay.fresh() == numbers
        assert relay.fresh() == numbers
        assert sorted(harness.pending()) == numbers

    def test_known_events_are_left_out(self, harness: Harness) -> None:
        """What the reader has in its hands is left out, and does not count against the limit."""
        numbers = write(harness, *(record() for _ in range(6)))

        found = start(harness).read(fresh=3, known={numbers[0], numbers[1], numbers[3]})

        assert [stored.id for stored in found.fresh] == [numbers[2], numbers[4], numbers[5]]

    def test_events_of_which_nothing_is_asked_are_not_read(self, harness: Harness) -> None:
        """A limit of nothing gives nothing."""
        write(harness, record())

        assert not start(harness).read(fresh=0).fresh

    def test_many_events_are_read_and_settled_at_once(self, harness: Harness) -> None:
        """Thousands in a transaction, thousands known, thousands done in one settlement."""
        numbers = write(harness, *(record(f"k{n % 7}") for n in range(MANY)))
        relay = start(harness)

        found = relay.read(known=numbers[: MANY // 2])
        relay.settle(done=numbers[1:])

        assert [stored.id for stored in found.fresh] == numbers[MANY // 2 :]
        assert relay.fresh() == numbers[:1]

    def test_what_is_done_is_read_no_more(self, harness: Harness) -> None:
        """An event that was settled as done is owed no more; saying so twice is fine."""
        first, second, third = write(harness, record(), record(), record())
        relay = start(harness)

        relay.settle(done=[first, third])
        relay.settle(done=[third])

        assert relay.fresh() == [second]
        assert list(harness.pending()) == [second]
