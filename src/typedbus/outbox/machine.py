"""The machine: what a relay does next, decided without a clock, a thread or a database.

A shell asks the store what `next_act` says and tells the answer; it calls the handlers that
`begin` names and tells what came of them by `end`. Times are seconds by a clock that never jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, cast

from typedbus.outbox import acts
from typedbus.outbox.acts import Act, Answer, Stopped, TakeLease, Wait
from typedbus.outbox.adopting import Adopting
from typedbus.outbox.asking import Asking
from typedbus.outbox.endings import Failure
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.hands import ALL, Hands
from typedbus.outbox.lines import cut_off
from typedbus.outbox.outcomes import Outcome
from typedbus.outbox.phases import Phase
from typedbus.outbox.pieces import Kind, Piece
from typedbus.outbox.reading import Reading
from typedbus.outbox.records import Batch, Lease, Line
from typedbus.outbox.settings import RelaySettings
from typedbus.outbox.settling import Settling

STANDBY: Final = 0.15
"""How often, in seconds, a relay that stands by asks for the lease."""
_REFRESH: Final = 1.0
_TICK: Final = 0.25
_SAFE: Final = 0.8
"""The part of the time to live of the lease in which something may begin."""
_GRACE: Final = 1.0
"""How long, past the time to drain, what was cut off may take to end."""


class Machine:
    """Decides for one relay."""

    def __init__(
        self, handlers: DurableHandlers, settings: RelaySettings, *, random: Callable[[], float]
    ) -> None:
        self._handlers = handlers
        self._settings = settings
        self._random = random
        self.hands: Hands | None = None
        """What is in hand, while it has the lease."""
        self.deadline = 0.0
        """When nothing may begin any more, unless the lease is renewed."""
        self.handled = self.failed = 0
        """How many calls were done, and how many failed, under leases that are over."""
        self._former: list[Hands] = []
        self._asking = Asking(random)
        self._stopping: float | None = None
        self._stopped = False
        self._standby_at = 0.0
        self._refused = False
        self._begin_anew(0.0)

    def _begin_anew(self, now: float) -> None:
        self._refresh_at = now
        self._adopting = Adopting(self._handlers, self._settings.batch, now)
        self._settling = Settling(self._settings.batch)
        self._ticked_at = now
        self._reading = Reading(self._settings, now)

    @property
    def lease(self) -> Lease | None:
        """The lease, while it has it."""
        return self.hands.lease if self.hands is not None else None

    @property
    def phase(self) -> Phase:
        """How the relay stands."""
        if self._stopped:
            return Phase.STOPPED
        if self._stopping is not None:
            return Phase.DRAINING
        if self.hands is None:
            return Phase.LOST if self._old_ones_run() else Phase.STANDBY
        if not self._adopting.looked:
            return Phase.ADOPTING
        return Phase.SUSPECT if self.hands.suspicious else Phase.WORKING

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand and nothing more was due, or another relay works."""
        hands = self.hands
        if hands is None:
            return self._refused and not self._old_ones_run()
        rests = self._adopting.looked and hands.empty and not hands.running
        return rests and (ALL in hands.paused or self._reading.found_all(hands))

    def under_way(self) -> Iterator[Piece]:
        """Iterate over the pieces that are called just now, under whatever lease."""
        for hands in (*self._former, self.hands):
            if hands is not None:
                yield from hands.under_way()

    def take_failures(self) -> list[Failure]:
        """Return what did not go well since the last time, to be told."""
        if self.hands is None:
            return []
        failures, self.hands.endings.failures = self.hands.endings.failures, []
        return failures

    def next_act(self, now: float) -> Act | Wait | Stopped:
        """Return what is to be asked of the store; it has to be answered, or away, or lost."""
        if self._stopping is not None and now >= self._stopping + _GRACE:
            self._stopped = True
        if self._stopped:
            return Stopped()
        again = self._asking.again(now)
        if again is not None:
            return again
        act = self._choose(now)
        if isinstance(act, Wait | Stopped):
            self._stopped = isinstance(act, Stopped)
            return act
        return self._asking.ask(act)

    def _choose(self, now: float) -> Act | Wait | Stopped:
        hands = self.hands
        if hands is None:
            return self._choose_without(now)
        if self._stopping is None and now - self._ticked_at >= _TICK:
            self._ticked_at = now
            hands.tick(now)
        hands.see_to_the_alone(now)
        settle = self._settling.next(hands, now, at_once=self._stopping is not None)
        if settle is not None:
            return settle
        if self._stopping is not None:
            return self._choose_at_the_end(hands, now)
        if now >= self._refresh_at:
            return acts.Refresh()
        adoption = self._adopting.next(now)
        if adoption is not None:
            return adoption
        if now < self.deadline and ALL not in hands.paused:
            read = self._reading.next(hands, now)
            if read is not None:
                return read
        return Wait(self._wait_until(hands, now))

    def _choose_without(self, now: float) -> TakeLease | Wait | Stopped:
        if self._stopping is not None:
            return Stopped()
        if self._old_ones_run():
            return Wait(now + STANDBY)
        return TakeLease() if now >= self._standby_at else Wait(self._standby_at)

    def _choose_at_the_end(self, hands: Hands, now: float) -> acts.Release | Wait | Stopped:
        if not hands.running:
            # What may have killed a process was not looked at to the end: the next one has to.
            return Stopped() if hands.suspicious else acts.Release()
        assert self._stopping is not None, "it ends"
        # What runs may still write: the lease is left to run out.
        return Wait(min(self._stopping + _GRACE, now + _TICK))

    def _wait_until(self, hands: Hands, now: float) -> float:
        until = self._refresh_at
        if not hands.empty or now >= self.deadline:
            until = min(until, now + _TICK)
        at = self._reading.at(hands)
        if at > now and ALL not in hands.paused:
            until = min(until, at)
        return min(until, self._settling.at)

    def _take(self, lease: Lease | None, sent: float, now: float) -> None:
        self._refused = lease is None
        if lease is None:
            self._standby_at = now + STANDBY * (0.75 + self._random() / 2)
            return
        self._begin_anew(now)
        self.deadline = sent + _SAFE * self._settings.ttl.total_seconds()
        self.hands = Hands(lease, self._handlers, self._settings, self._random)

    def _let_go(self, hands: Hands, now: float) -> None:
        """Let go of what may begin, if nothing may any more."""
        if self._stopping is not None:
            hands.stop(now)

    def _let_hands_go(self) -> None:
        if self.hands is not None:
            self.handled += self.hands.handled
            self.failed += self.hands.endings.failed
        self.hands = None

    def _old_ones_run(self) -> bool:
        self._former = [hands for hands in self._former if hands.running]
        return bool(self._former)

    def answered(self, act: Act, answer: Answer, sent: float, now: float) -> None:
        """Take in what the store answered to *act*, which was asked at *sent*."""
        if not self._asking.answered(act):
            return  # it was asked under a lease that is lost
        if isinstance(act, TakeLease):
            self._take(cast("Lease | None", answer), sent, now)
            return
        hands = self.hands
        assert hands is not None, "only the lease is asked for without one"
        match act:
            case acts.Settle():
                self._settling.written(hands, cast("Collection[Line]", answer), now)
                self._let_go(hands, now)
            case acts.Read():
                if self._stopping is None:
                    self._reading.took_in(act, cast("Batch", answer), hands, now)
            case acts.Refresh():
                seen = cast("acts.Seen", answer)
                hands.look(seen.occupied, seen.paused, now)
                # A store with very many lines is not asked all the time.
                self._refresh_at = now + max(_REFRESH, 20 * (now - sent))
            case acts.Unknown():
                self._adopting.adopt(act, cast("Batch", answer), hands, now)
            case acts.Know():
                self._adopting.told(act)
            case acts.Release():
                self._let_hands_go()
                self._stopped = True

    def away(self, act: Act, now: float) -> None:
        """Take in that the store did not answer to *act*: it is asked again, after a while."""
        self._asking.away(act, now)

    def lost(self, now: float, lease: Lease | None = None) -> None:
        """Take in that another relay works: drop all; what runs may end, and is not written."""
        if self.hands is None or (lease is not None and lease is not self.hands.lease):
            return
        self._former.append(self.hands)
        self._let_hands_go()
        self._asking.forget()
        self.deadline = 0.0
        self._standby_at = now
        self._begin_anew(now)

    def renewed(self, lease: Lease, sent: float) -> None:
        """Take in that *lease* was renewed, asked for at *sent*; may be called by any thread."""
        if lease is self.lease:
            self.deadline = sent + _SAFE * self._settings.ttl.total_seconds()

    def rung(self, now: float) -> None:
        """Take in that something may have been committed."""
        self._reading.rung(now)

    def stop(self, now: float) -> None:
        """Begin nothing more; settle what ends, give the lease back."""
        if self._stopping is None:
            self._stopping = now + self._settings.drain.total_seconds()
            if self.hands is not None:
                self.hands.stop(now)
            self._asking.want_no_lease()

    def hurry(self, now: float) -> None:
        """Wait for no handler any longer."""
        self.stop(now)
        self._stopping = now

    def begin(self, kind: Kind, now: float) -> Piece | None:
        """Return the next piece to call there, if something may begin."""
        hands = self.hands
        if hands is None or now >= self.deadline or self._stopping is not None:
            return None
        return None if ALL in hands.paused else hands.begin(kind, now)

    def end(self, piece: Piece, outcome: Outcome | None, now: float) -> None:
        """Take in what came of *piece*: None if its event is done for the handler."""
        desk, hands = piece.route.desk, self.hands
        if hands is not None and desk.lease is hands.lease:
            hands.end(piece, outcome, now)
            return
        if outcome is None or not outcome.runs_on:
            desk.running.discard(piece)
        if outcome is not None:
            # What a bundle took along behind it is not called after it.
            desk.running.difference_update(cut_off(piece))

    def over(self, piece: Piece, now: float) -> None:
        """Take in that a call which was given up, but went on, has ended."""
        desk, hands = piece.route.desk, self.hands
        desk.running.discard(piece)
        desk.stuck.discard(piece)
        if hands is not None and desk.lease is hands.lease:
            hands.over(piece, now)
            self._let_go(hands, now)

    def put_back(self, pieces: Sequence[Piece], now: float) -> None:
        """Take back *pieces* that began, and were not called."""
        hands = self.hands
        if pieces and hands is not None and pieces[0].route.desk.lease is hands.lease:
            hands.put_back(pieces)
            self._let_go(hands, now)
        else:
            for piece in pieces:
                piece.route.desk.running.discard(piece)
