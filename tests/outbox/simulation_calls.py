"""The handlers that run in a simulated process, and what comes of their calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final, TypeAlias

from tests.outbox.simulation_events import HANDLERS, TIMEOUT, Deed, deed
from tests.outbox.simulation_world import Key, World
from typedbus.core.errors import BrokerAwayError, LeaseLostError, StoreAwayError
from typedbus.core.verdicts import Dead, Discard, NotYet, Retry
from typedbus.outbox.attempts import Attempt
from typedbus.outbox.machine import Machine
from typedbus.outbox.outcomes import Outcome, away, outcome_of, timed_out
from typedbus.outbox.pieces import Kind, Piece
from typedbus.outbox.settings import RelaySettings

MOST_TOGETHER: Final = 3
"""How many events a thread takes along."""


class Fault(Enum):
    """What becomes of a call of the database, or of a broker."""

    NONE = "none"
    BEFORE = "fails before it is done"
    AFTER = "is done, and the answer is lost"


class Lost:
    """What comes of a call under a lease that is lost."""


LOST: Final = Lost()
Result: TypeAlias = Outcome | Lost | None


def cut_off() -> StoreAwayError:
    """Return what a store raises that does not answer."""
    return StoreAwayError("reach the database", "it was cut off", "wait")


@dataclass(eq=False)
class Thread:
    """What calls the handlers of some events, one after the other; an async one has one event."""

    kind: Kind
    pieces: list[Piece]
    """Those that are not called yet."""
    attempt: Attempt
    piece: Piece
    """The one whose handler runs."""
    does: Deed
    since: float
    ended: list[tuple[Piece, Result]] = field(default_factory=list)
    is_given_up: bool = False

    @property
    def key(self) -> Key:
        """Handler and number of the event whose handler runs."""
        return self.attempt.handler, self.attempt.stored.id


class Calls:
    """The handlers that run in one process."""

    def __init__(self, world: World, machine: Machine, settings: RelaySettings) -> None:
        self._world = world
        self._machine = machine
        self._places = {Kind.SYNC: settings.threads, Kind.ASYNC: settings.concurrency}
        self._patience = settings.spill_after.total_seconds()
        self.threads: list[Thread] = []

    def begin(self, kind: Kind) -> bool:
        """Call a handler, and return whether there was one; a thread takes more events along."""
        out = [each for each in self.threads if each.kind is kind and not each.is_given_up]
        if len(out) >= self._places[kind]:
            return False
        first = self._machine.begin(kind, self._world.now)
        if first is None:
            return False
        hands = self._machine.hands
        assert hands is not None, "a handler is called without a lease"
        pieces = hands.bundle(first, MOST_TOGETHER) if kind is Kind.SYNC else [first]
        assert pieces.pop(0) is first, "what has begun is not called first"
        attempt, does = self._call(first)
        self.threads.append(Thread(kind, pieces, attempt, first, does, self._world.now))
        return True

    def end(self, at: int, fault: Fault) -> bool:
        """Let one of the handlers end; return False if it has brought the process down."""
        running = [each for each in self.threads if each.does is not Deed.HANG or each.is_given_up]
        if not running:
            return True
        thread = running[at % len(running)]
        if thread.does is Deed.KILL:
            self._world.kills(thread.attempt, beside=self._excused(thread))
            return False
        if thread.is_given_up:
            self.threads.remove(thread)
            self._machine.over(thread.piece, self._world.now)
            return True
        thread.ended.append((thread.piece, self._result(thread, fault)))
        self._go_on(thread)
        return True

    def give_up(self) -> None:
        """Give up what takes too long: an async handler is cancelled, a sync one runs on."""
        seconds = TIMEOUT.total_seconds()
        for thread in list(self.threads):
            if thread.is_given_up or thread.since + seconds > self._world.now:
                continue
            self._world.history.excuses[thread.key] += 1
            self._world.history.failures[thread.key] += 1
            runs_on = thread.kind is Kind.SYNC
            if not runs_on:
                self.threads.remove(thread)
            self._take_back(thread, {thread.piece.line})
            thread.is_given_up = True
            outcome = timed_out(seconds, runs_on=runs_on)
            self._machine.end(thread.piece, outcome, self._world.now)

    def _excused(self, killer: Thread) -> list[Key]:
        """Return what may run beside a killer: the relay lets others go on beside what is slow."""
        before = self._world.now - self._patience
        if killer.since <= before:
            return [key for key in self._world.running() if key != killer.key]
        return [thread.key for thread in self.threads if thread.since <= before]

    def _call(self, piece: Piece) -> tuple[Attempt, Deed]:
        self._world.check_exists(piece.stored)
        attempt = piece.attempt()
        if HANDLERS[piece.handler].remote:
            return attempt, Deed.OK
        return attempt, deed(piece.stored, piece.handler, self._world.begins(attempt))

    def _go_on(self, thread: Thread) -> None:
        """Call what the thread has taken along, or take back what it has done."""
        failed = {piece.line for piece, result in thread.ended if result is not None} - {None}
        while thread.pieces and thread.pieces[0].line in failed:
            thread.pieces.pop(0)
        if thread.pieces and self._world.now < self._machine.deadline:
            thread.piece, thread.since = thread.pieces.pop(0), self._world.now
            thread.attempt, thread.does = self._call(thread.piece)
            return
        self.threads.remove(thread)
        self._take_back(thread, failed)

    def _take_back(self, thread: Thread, failed: set[str | None]) -> None:
        now = self._world.now
        for piece, result in thread.ended:
            if isinstance(result, Lost):
                self._machine.lost(now, piece.route.desk.lease)
            self._machine.end(piece, None if isinstance(result, Lost) else result, now)
        rest = [piece for piece in thread.pieces if piece.line is None or piece.line not in failed]
        self._machine.put_back(rest, now)
        thread.ended, thread.pieces = [], []

    def _result(self, thread: Thread, fault: Fault) -> Result:
        """Do what the handler does, and return what comes of it."""
        if HANDLERS[thread.piece.handler].remote:
            return self._send(thread.attempt, fault)
        history, key = self._world.history, thread.key
        if thread.does is Deed.OK:
            return self._succeed(thread, fault)
        history.excuses[key] += 1
        history.failures[key] += thread.does in (Deed.FAIL, Deed.RETRY)
        match thread.does:
            case Deed.DISCARD:
                history.over.add(key)
                history.discarded.add(key)
                return outcome_of(Discard("nobody needs it"))
            case Deed.FAIL:
                return outcome_of(ValueError("no"))
            case Deed.RETRY:
                return outcome_of(Retry(timedelta(seconds=1)))
            case Deed.NOT_YET:
                return outcome_of(NotYet(self._world.store.now + timedelta(seconds=3)))
            case _:
                return outcome_of(Dead("never"))

    def _succeed(self, thread: Thread, fault: Fault) -> Result:
        history, key = self._world.history, thread.key
        if not HANDLERS[thread.piece.handler].in_unit:
            history.over.add(key)
            return None
        if fault is not Fault.NONE:
            history.excuses[key] += 1
        try:
            if fault is not Fault.BEFORE:
                self._world.commit_unit(thread.attempt)
        except LeaseLostError:
            return LOST
        return None if fault is Fault.NONE else away(cut_off())

    def _send(self, attempt: Attempt, fault: Fault) -> Result:
        """Hand over to the other process: a letter may arrive though the relay does not know."""
        if fault is not Fault.BEFORE:
            self._world.letters.append(
                Attempt(
                    attempt.stored,
                    attempt.handler,
                    line=attempt.line,
                    number=attempt.number,
                    late=True,
                    alone=attempt.alone,
                    lease=None,
                )
            )
        if fault is Fault.NONE:
            return None
        return away(BrokerAwayError("send an event", "the broker is away", "wait"))
