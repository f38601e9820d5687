"""Outcomes: what came of one call of a durable handler, other than that it is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from traceback import format_exception
from typing import Final, NamedTuple

from typedbus.core.verdicts import Dead, Discard, NotYet, Retry

_LONGEST_ERROR: Final = 1000
_LONGEST_TRACEBACK: Final = 20_000


class Fate(Enum):
    """What is to become of an event that is not done."""

    FAILED = "failed"
    """It is tried again as the handler's `retry` says, or dead when that gives up."""
    DEAD = "dead"
    """Trying again cannot help."""
    NOT_YET = "not yet"
    """The handler asks for it later; that is no failed try."""
    AWAY = "away"
    """What the handler, or its carrier, works with is away; that is no failed try."""
    LEFT = "left"
    """The call was cut off by the end of the relay: it is as if it had not been made."""


class Outcome(NamedTuple):
    """What came of a call."""

    fate: Fate
    error: str | None = None
    """What was raised, in a line."""
    traceback: str | None = None
    after: timedelta | None = None
    """How long the handler asks to wait."""
    until: datetime | None = None
    """The time until which the handler asks to wait."""
    called: bool = True
    """Whether the handler was called at all."""
    runs_on: bool = False
    """Whether the call goes on in its thread: its line waits until that ends."""
    raised: BaseException | None = None
    """What was raised, for the log."""


LEFT: Final = Outcome(Fate.LEFT)


def outcome_of(
    error: BaseException, give_up_on: tuple[type[Exception], ...] = ()
) -> Outcome | None:
    """Return what a handler means that raised *error*; None: its event is done with."""
    match error:
        case Discard():
            return None
        case Retry(after=after):
            return Outcome(Fate.FAILED, in_a_line(error), after=after, raised=error)
        case NotYet(until=until):
            return Outcome(Fate.NOT_YET, in_a_line(error), until=until)
        case Dead():
            return Outcome(Fate.DEAD, in_a_line(error), raised=error)
        case _:
            pass
    final = isinstance(error, give_up_on)
    fate = Fate.DEAD if final else Fate.FAILED
    return Outcome(fate, in_a_line(error), told(error), raised=error)


def away(error: BaseException) -> Outcome:
    """Return the outcome of a call that could not reach what it works with."""
    return Outcome(Fate.AWAY, in_a_line(error), told(error), raised=error)


def timed_out(
    seconds: float, error: BaseException | None = None, *, runs_on: bool = False
) -> Outcome:
    """Return the outcome of a call that took longer than *seconds*."""
    what = "and runs on in its thread" if runs_on else "and was cancelled"
    says = f"HandlerTimeoutError: it took longer than its timeout={seconds:g} s, {what}"
    return Outcome(Fate.FAILED, says, None if error is None else told(error), runs_on=runs_on)


def unreadable(error: BaseException) -> Outcome:
    """Return the outcome of an event that is none of its class any more."""
    return Outcome(Fate.DEAD, in_a_line(error), told(error), called=False, raised=error)


def in_a_line(error: BaseException) -> str:
    """Return the class of *error* and what it says, in a line."""
    try:
        says = str(error)
    except Exception as broken:  # noqa: BLE001 - an error of the user's that cannot be shown
        says = f"its text cannot be had: {type(broken).__name__}"
    line = " ".join(f"{type(error).__qualname__}: {says}".split())
    return line if len(line) <= _LONGEST_ERROR else line[: _LONGEST_ERROR - 1] + "…"


def told(error: BaseException) -> str:
    """Return the traceback of *error*: of a long one the end, where the cause stands."""
    try:
        text = "".join(format_exception(error))
    except Exception:  # noqa: BLE001 - an error of the user's that cannot be shown
        return ""
    return text[-_LONGEST_TRACEBACK:]
