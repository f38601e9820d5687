"""Adopting: what no relay before knew is taken over by one whose code knows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from typedbus.outbox.acts import Know, Unknown
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.hands import Hands
from typedbus.outbox.records import Batch

_AGAIN: Final = 30.0
"""How often, in seconds, it is looked again: an event class may have been imported since."""


class Adopting:
    """Decides, under one lease, when it is told which handlers there are, and who is adopted."""

    def __init__(self, handlers: DurableHandlers, limit: int, now: float) -> None:
        self._handlers = handlers
        self._limit = limit
        self._told: Sequence[str] | None = None
        self._looks = True
        self._after: tuple[int, str] | None = None
        self._again_at = now + _AGAIN
        self.looked = False
        """Whether all that was there when the lease was taken was looked at."""

    def next(self, now: float) -> Know | Unknown | None:
        """Return what is to be told or asked now, if anything is."""
        names = self._handlers.names()
        if names != self._told:
            return Know(names)
        if not self._looks and now >= self._again_at:
            self._looks, self._after = True, None
        return Unknown(names, self._limit, self._after) if self._looks else None

    def told(self, act: Know) -> None:
        """Take in that *act* was done; with other handlers, other deliveries are known."""
        self._told = act.handlers
        self._looks, self._after = True, None

    def adopt(self, act: Unknown, batch: Batch, hands: Hands, now: float) -> None:
        """Take in what was found."""
        hands.arrivals.adopt(batch.late)
        if len(batch.late) >= act.limit:
            self._after = batch.late[-1].stored.id, batch.late[-1].handler
            return
        self._looks, self.looked = False, True
        self._again_at = now + _AGAIN
