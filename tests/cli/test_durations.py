"""Durations and times on the command line."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedbus.cli.durations import duration, moment, some_duration, spoken, spoken_time


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250ms", timedelta(milliseconds=250)),
        ("90s", timedelta(seconds=90)),
        ("1.5s", timedelta(seconds=1.5)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, expected: timedelta) -> None:
    """Units are ms, s, m, h, d and w, alone or one after the other."""
    assert duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "60", "-5s", "5 m", "1y", "s", "1h-", "\u0663s", "99999999999w"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A number without a unit says nothing: of a minute and a second, one is wrong."""
    with pytest.raises(ArgumentTypeError, match="duration"):
        duration(text)


def test_no_time_at_all_is_refused_where_some_is_needed() -> None:
    """A lease of no length would be nobody's."""
    with pytest.raises(ArgumentTypeError, match="no time"):
        some_duration("0s")


def test_a_moment_is_a_time_or_a_while_ago() -> None:
    """Both can be told to `--since`."""
    assert moment("2h") == timedelta(hours=2)
    assert moment("2026-01-31T12:00Z") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert moment("2026-01-31T12:00+01:00") == datetime(
        2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=1))
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("2026-01-31T12:00", "zone"), ("yesterday", "neither"), ("2026-13-01Z", "neither")],
)
def test_a_moment_without_a_zone_is_refused(text: str, said: str) -> None:
    """The zone of whoever types is not that of the database."""
    with pytest.raises(ArgumentTypeError, match=said):
        moment(text)


@given(st.timedeltas(timedelta(seconds=-10), timedelta(days=4000)))
def test_a_length_is_told_in_few_characters(length: timedelta) -> None:
    """However long it is, it fits a column."""
    assert 0 < len(spoken(length)) <= 10


def test_a_length_is_told_in_two_units_at_most() -> None:
    """What comes after does not matter to anybody who reads it."""
    assert spoken(timedelta(days=2, hours=3, minutes=4)) == "2d 3h"
    assert spoken(timedelta(minutes=61)) == "1h 1m"
    assert spoken(timedelta(minutes=5)) == "5m"
    assert spoken(timedelta(seconds=12)) == "12s"
    assert spoken(timedelta(milliseconds=300)) == "0.3s"
    assert spoken(-timedelta(minutes=1)) == "-1m"
    assert spoken(None) == "-"


def test_a_time_is_told_in_utc() -> None:
    """Whatever zone it came with."""
    time = datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2)))

    assert spoken_time(time) == "2026-01-30 23:00:00Z"
