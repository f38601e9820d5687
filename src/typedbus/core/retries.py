"""When to try again: exponential backoff with full jitter."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple


class Backoff(NamedTuple):
    """How often, and how soon, a handler that failed is tried again.

    The wait before try *n* + 1 is a random part of *first* times 2 to the power of *n* - 1, at
    most of *longest*: "full jitter", which keeps those that failed together from coming back
    together (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
    """

    tries: int = 6
    """How often the handler is called before it is given up; 1 means once, and never again."""
    first: timedelta = timedelta(seconds=2)
    """The longest wait after the first failure."""
    longest: timedelta = timedelta(minutes=10)
    """The longest wait of all."""

    def wait_after(self, failures: int, part: float | None = None) -> timedelta | None:
        """Return how long to wait after *failures*, counted from 1; None to give up.

        *part*, from 0 to 1, is how much of the longest possible wait it is; random if not given.
        """
        if failures >= self.tries:
            return None
        from random import random  # imported by whoever retries: it takes long to import

        # 2 ** 62 seconds are beyond any wait, and a float still holds them.
        most = min(
            self.first.total_seconds() * 2 ** min(failures - 1, 62), self.longest.total_seconds()
        )
        return timedelta(seconds=most * (random() if part is None else part))
