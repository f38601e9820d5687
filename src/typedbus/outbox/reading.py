"""Reading: when a relay looks for what is to be done, and for how much of it."""

from __future__ import annotations

from typing import Final

from typedbus.outbox.acts import Read
from typedbus.outbox.hands import Hands
from typedbus.outbox.records import Batch
from typedbus.outbox.settings import RelaySettings

_LATE_AGAIN: Final = 0.05
"""How soon, in seconds, deliveries are looked for again while events come in."""
_BEYOND: Final = 0.25


class Reading:
    """Decides what is read, under one lease."""

    def __init__(self, settings: RelaySettings, now: float) -> None:
        self._settings = settings
        self._poll = settings.poll.total_seconds()
        self._more = True
        self._poll_at = now
        self._late_at = now
        self._last = now
        self._no_late = False

    def found_all(self, hands: Hands) -> bool:
        """Return whether the last time that it was looked there was nothing more."""
        return self._no_late and not self._more and not hands.late_wanted

    def rung(self, now: float) -> None:
        """Take in that something may have been committed."""
        self._more = True
        self._late_at = min(self._late_at, max(now, self._last + _LATE_AGAIN))

    def next(self, hands: Hands, now: float) -> Read | None:
        """Return what is to be read now, if anything is."""
        if hands.suspicious:
            return self._next_suspects(hands, now)
        settings, ledger = self._settings, hands.ledger
        fresh = late = 0
        room = settings.window - len(ledger.known)
        # One batch is being handled while the next is read; what a slow handler has in hand keeps
        # nobody else waiting.
        hungry = hands.unhandled <= settings.batch or hands.dry
        if room > 0 and hungry and (self._more or now >= self._poll_at):
            fresh = min(settings.batch, room)
        if now >= self.late_at(hands):
            late = min(settings.batch, settings.window - len(ledger.known_late))
        return self._read(hands, fresh, max(late, 0), now) if fresh or late > 0 else None

    def at(self, hands: Hands) -> float:
        """Return when `next` may have something to read, if nothing happens before."""
        return min(self._poll_at, self.late_at(hands))

    def late_at(self, hands: Hands) -> float:
        """Return when deliveries are to be looked for."""
        at = self._late_at
        if hands.late_wanted:
            at = min(at, self._last + _LATE_AGAIN) if hands.ledger.known_late else self._last
        if hands.endings.soonest is not None:
            at = min(at, hands.endings.soonest)
        return at

    def took_in(self, read: Read, batch: Batch, hands: Hands, now: float) -> None:
        """Take in what was read."""
        taken = hands.take(read, batch, now)
        self._last = now
        if read.fresh:
            self._more = len(batch.fresh) >= read.fresh
            self._poll_at = now + self._poll
        if read.late:
            self._no_late = len(batch.late) < read.late
            hands.late_wanted, hands.endings.soonest = False, None
            self._late_at = now + self._poll
            if len(batch.late) >= read.late:
                # What is left alone for now would be read again at once.
                self._late_at = now if taken else now + _LATE_AGAIN
            elif hands.arrivals.beyond:
                hands.arrivals.beyond = False
                self._late_at = now + _BEYOND
            else:
                hands.caught_up(read.paused)

    def _next_suspects(self, hands: Hands, now: float) -> Read | None:
        patience = self._settings.spill_after.total_seconds()
        if not hands.empty and now - self._last < patience:
            return None
        if not (self._more or now >= self.at(hands)):
            return None
        read = self._read(hands, hands.fresh_group, hands.group, now)
        if hands.empty and hands.handled:
            hands.trust_more()
        return read

    def _read(self, hands: Hands, fresh: int, late: int, now: float) -> Read:
        ledger = hands.ledger
        return Read(
            fresh,
            late,
            frozenset(ledger.known),
            frozenset(ledger.known_late),
            frozenset(hands.left_out(now)),
        )
