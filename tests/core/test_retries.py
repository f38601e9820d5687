"""Backoff: how often and how soon a handler that failed is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedbus.core.retries import Backoff

WAITS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=30))
PARTS = st.floats(min_value=0, max_value=1)


@given(tries=st.integers(1, 10), failures=st.integers(1, 20))
def test_it_gives_up_when_the_tries_are_used_up(tries: int, failures: int) -> None:
    """A handler is called *tries* times, and then never again."""
    wait = Backoff(tries=tries).wait_after(failures)

    assert (wait is None) == (failures >= tries)


@given(first=WAITS, longest=WAITS, failures=st.integers(1, 10_000), part=PARTS)
def test_a_wait_is_never_negative_and_never_the_longest_exceeded(
    first: timedelta, longest: timedelta, failures: int, part: float
) -> None:
    """Whatever the numbers, however often it failed."""
    backoff = Backoff(tries=failures + 1, first=first, longest=longest)

    wait = backoff.wait_after(failures, part)

    assert wait is not None
    assert timedelta(0) <= wait <= longest


@given(first=WAITS, longest=WAITS, failures=st.integers(1, 10_000))
def test_the_longest_possible_wait_doubles_up_to_its_bound(
    first: timedelta, longest: timedelta, failures: int
) -> None:
    """After the first failure it is *first*; it never becomes less, and doubles until *longest*."""
    backoff = Backoff(tries=failures + 2, first=first, longest=longest)

    now, then = backoff.wait_after(failures, 1), backoff.wait_after(failures + 1, 1)

    assert now is not None
    assert then is not None
    assert backoff.wait_after(1, 1) == min(first, longest)
    assert now <= then
    assert then == pytest.approx(min(2 * now, longest), abs=timedelta(microseconds=2)) or (
        now == longest
    )


@given(part=PARTS)
def test_the_jitter_is_full(part: float) -> None:
    """A wait is any part of the longest possible one, from nothing to all of it."""
    backoff = Backoff(first=timedelta(seconds=8))

    wait = backoff.wait_after(1, part)

    assert wait == timedelta(seconds=8 * part)


def test_waits_are_drawn_at_random() -> None:
    """Those that failed together do not come back together."""
    backoff = Backoff(first=timedelta(hours=1), longest=timedelta(hours=1))

    waits = {backoff.wait_after(1) for _ in range(50)}

    assert len(waits) > 40
    assert min(filter(None, waits)) < timedelta(minutes=30) < max(filter(None, waits))
