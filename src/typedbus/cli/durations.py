"""Durations and times, as they are typed and as they are shown."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Final

_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")


def duration(text: str) -> timedelta:
    """Return the duration that *text* says, such as 90s, 5m, 1h30m or 7d."""
    if not re.fullmatch(rf"(?:{_PART.pattern})+", text):
        raise ArgumentTypeError(f"{text!r} is no duration; write one such as 90s, 5m, 1h or 7d")
    parts = _PART.findall(text)
    try:
        return sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())
    except OverflowError:
        raise ArgumentTypeError(f"{text!r} is longer than any duration may be") from None


def some_duration(text: str) -> timedelta:
    """Return the duration that *text* says, which must be longer than none."""
    found = duration(text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is no time at all; write one such as 90s, 5m or 1h")
    return found


def moment(text: str) -> datetime | timedelta:
    """Return the time that *text* says, or how long ago it was."""
    try:
        return duration(text)
    except ArgumentTypeError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(
            f"{text!r} is neither a time such as 2026-01-31T12:00Z nor a duration such as 2h"
        ) from None
    if found.tzinfo is None:
        raise ArgumentTypeError(f"{text!r} has no zone; add Z for UTC, or an offset such as +01:00")
    return found


def spoken(length: timedelta | None) -> str:
    """Return *length* for people: two units at most, and "-" for none."""
    if length is None:
        return "-"
    if length < timedelta():
        return f"-{spoken(-length)}"
    seconds = length.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    if minutes:
        return f"{minutes}m {seconds}s" if seconds else f"{minutes}m"
    return f"{seconds}s"


def spoken_time(time: datetime) -> str:
    """Return *time* for people, in UTC, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
