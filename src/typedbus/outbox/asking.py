"""Asking: one thing is asked of the store at a time, again and again until it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from typedbus.core.retries import Backoff
from typedbus.outbox.acts import Act, TakeLease, Wait

AWAY: Final = Backoff(tries=8, first=timedelta(milliseconds=100), longest=timedelta(seconds=5))
"""How long a store that is away is left alone."""


class Asking:
    """What is being asked of the store."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._act: Act | None = None
        self._times_away = 0
        self._again_at = 0.0

    def ask(self, act: Act) -> Act:
        """Ask *act*, until it is answered."""
        self._act = act
        return act

    def again(self, now: float) -> Act | Wait | None:
        """Return what was asked and not answered, or how long to wait before it is asked again."""
        if self._act is not None and now < self._again_at:
            return Wait(self._again_at)
        return self._act

    def answered(self, act: Act) -> bool:
        """Take in that *act* is answered; return False if nobody waits for that any more."""
        if act is not self._act:
            return False
        self._act, self._times_away, self._again_at = None, 0, 0.0
        return True

    def away(self, act: Act, now: float) -> None:
        """Leave the store alone for a while: it did not answer to *act*."""
        if act is not self._act:
            return
        self._times_away += 1
        wait = AWAY.wait_after(min(self._times_away, AWAY.tries - 1), self._random())
        assert wait is not None, "there is always one more try"
        self._again_at = now + wait.total_seconds()

    def forget(self) -> None:
        """Ask no more for what was asked."""
        self._act, self._again_at = None, 0.0

    def want_no_lease(self) -> None:
        """Ask no more for the lease, if that is what was asked for."""
        if isinstance(self._act, TakeLease):
            self.forget()
