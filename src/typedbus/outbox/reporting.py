"""Reporting: what a relay says in the log, and not again and again."""

from __future__ import annotations

import logging
from threading import Lock
from time import monotonic
from typing import Final

from typedbus.core.errors import StoreAwayError
from typedbus.outbox.outcomes import in_a_line

_AGAIN: Final = 30.0
"""After how many seconds of the same trouble it is told again."""

logger: Final = logging.getLogger("typedbus")


class Reporter:
    """Tells once of each trouble, again if it lasts, and when it is over; from any thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._since: dict[str, float] = {}
        self._told: dict[str, float] = {}

    def away(self, what: str, error: Exception) -> None:
        """Tell that the database did not answer to *what*."""
        now = monotonic()
        with self._lock:
            self._since.setdefault(what, now)
            if now - self._told.get(what, -_AGAIN) < _AGAIN:
                return
            self._told[what] = now
        # What is no trouble of the database is shown with its traceback: it may be a fault of ours.
        known = isinstance(error, StoreAwayError | OSError)
        logger.warning(
            "The relay of %s waits, and tries again: its database did not answer to the %s (%s)",
            self._name,
            what,
            in_a_line(error),
            exc_info=None if known else error,
        )

    def seconds_away(self) -> float:
        """Return for how many seconds something has not answered."""
        with self._lock:
            return max((monotonic() - since for since in self._since.values()), default=0.0)

    def answers(self, what: str) -> None:
        """Tell that the database answers to *what* again, if it did not."""
        if what not in self._since:
            return
        with self._lock:
            since = self._since.pop(what, None)
            self._told.pop(what, None)
        if since is not None:
            seconds = monotonic() - since
            logger.warning(
                "The relay of %s goes on: its database answers to the %s again, after %.1f s",
                self._name,
                what,
                seconds,
            )
