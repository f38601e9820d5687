"""Endings: what becomes of an event when its handler was called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from typedbus.core.retries import Backoff
from typedbus.outbox.ledger import Ledger
from typedbus.outbox.lines import Lines, cut_off
from typedbus.outbox.outcomes import Fate, Outcome
from typedbus.outbox.pieces import LatePiece, Piece, Trouble
from typedbus.outbox.records import Put, State

_UNIT_AWAY: Final = Backoff(first=timedelta(seconds=2))
_AT_ONCE: Final = timedelta(0)


class Failure(NamedTuple):
    """What did not go well, for the log."""

    piece: Piece
    put: Put
    """What is written of it."""
    raised: BaseException | None


class Endings:
    """Takes in what came of each piece."""

    def __init__(self, ledger: Ledger, lines: Lines, random: Callable[[], float]) -> None:
        self._ledger = ledger
        self._lines = lines
        self._random = random
        self.soonest: float | None = None
        """When something that failed is due again, by the clock of the relay."""
        self.failed = 0
        """How many calls failed."""
        self.failures: list[Failure] = []
        """What failed, until somebody takes it away to tell it."""

    def end(self, piece: Piece, outcome: Outcome | None) -> None:
        """Take in that *piece* is done, or what came of it instead."""
        desk = piece.route.desk
        desk.running.discard(piece)
        if outcome is not None:
            self._end_badly(piece, outcome)
            return
        line = piece.line
        if isinstance(piece, LatePiece):
            self._end_late(piece)
        elif piece.shared is None:
            self._ledger.done.append(piece.stored.id)
        else:
            self._ledger.part_done(piece.shared)
        if line is None:
            return
        if desk.troubled:
            trouble = desk.troubled.get(line)
            if trouble is not None:
                trouble.out = piece.next  # which a bundle has taken along
                self._lines.advance(trouble)
                return
        following = piece.next
        if following is None:
            del desk.lines[line]
        else:
            desk.lines[line] = following
            following.last = None if piece.last is following else piece.last
            piece.next = piece.last = None
            if following not in desk.running:  # it may have begun: a bundle takes a line along
                desk.ready.appendleft(following)

    def over(self, piece: Piece) -> None:
        """Take in that the call of *piece*, which was given up, has ended after all."""
        key = piece.route.name, piece.stored.id
        piece.route.desk.stuck.discard(piece)
        self._ledger.stuck.discard(key)
        self._ledger.known_late.discard(key)
        trouble = None if piece.line is None else piece.route.desk.troubled.get(piece.line)
        if trouble is not None and trouble.out is piece:
            trouble.out = None
            self._lines.advance(trouble)

    def died(self, piece: LatePiece) -> None:
        """Put *piece* away, which has brought the process down too often."""
        piece.route.desk.late -= 1
        self._write(
            piece,
            State.DEAD,
            piece.attempts,
            _AT_ONCE,
            f"the process died while it ran, {piece.crashes} times",
            None,
        )

    def _end_late(self, piece: LatePiece) -> None:
        desk = piece.route.desk
        if piece.route.carrier is not None:
            # It is in the other process now, which removes it.
            desk.away_times = 0
            self._ledger.drop(piece)
            return
        desk.late -= 1
        self._ledger.removed.append(piece)
        trouble = None if piece.line is None else desk.troubled.get(piece.line)
        if trouble is not None:
            trouble.removing += 1

    def _end_badly(self, piece: Piece, outcome: Outcome) -> None:
        if isinstance(piece, LatePiece):
            piece.route.desk.late -= 1
        self.failed += outcome.fate in (Fate.FAILED, Fate.DEAD)
        attempts = piece.attempts
        match outcome.fate:
            case Fate.LEFT:
                self._write(piece, State.WAITING, attempts, _AT_ONCE, None, outcome)
                return
            case Fate.NOT_YET:
                due = outcome.until or _AT_ONCE
                self._write(piece, State.WAITING, attempts, due, outcome.error, outcome)
                return
            case Fate.AWAY:
                wait = self._wait_while_away(piece)
                self._write(piece, State.WAITING, attempts, wait, outcome.error, outcome)
                return
            case Fate.FAILED | Fate.DEAD:
                attempts += outcome.called
        after = self._wait_after(piece, outcome, attempts)
        if after is None:
            self._write(piece, State.DEAD, attempts, _AT_ONCE, outcome.error, outcome)
        else:
            self._write(piece, State.WAITING, attempts, after, outcome.error, outcome)

    def _wait_after(self, piece: Piece, outcome: Outcome, attempts: int) -> timedelta | None:
        if outcome.fate is Fate.DEAD:
            return None
        wait = piece.route.durable.options.retry.wait_after(attempts, self._random())
        if wait is None or outcome.after is None:
            return wait
        return outcome.after

    def _wait_while_away(self, piece: Piece) -> timedelta:
        if piece.route.carrier is not None:
            return self._lines.carrier_away(piece.route.desk)
        wait = _UNIT_AWAY.wait_after(1, self._random())
        assert wait is not None, "there is always one more try"
        return wait

    def _write(
        self,
        piece: Piece,
        state: State,
        attempts: int,
        due: timedelta | datetime,
        error: str | None,
        outcome: Outcome | None,
    ) -> None:
        """Write down what *piece* has become, and let what is behind it wait."""
        if isinstance(due, timedelta):
            at = self._lines.now + due.total_seconds()
            self.soonest = at if self.soonest is None else min(at, self.soonest)
        dead = state is State.DEAD
        on_dead = piece.route.durable.options.on_dead
        runs_on = outcome is not None and outcome.runs_on
        if runs_on:
            key = piece.route.name, piece.stored.id
            self._ledger.stuck.add(key)
            self._ledger.known_late.add(key)
            piece.route.desk.stuck.add(piece)
        put = Put(
            piece.route.name,
            piece.stored.id,
            None if dead and on_dead == "skip" else piece.line,
            state,
            attempts,
            piece.crashes,
            due,
            error,
            outcome and outcome.traceback,
        )
        if error is not None and (outcome is None or outcome.fate is not Fate.NOT_YET):
            self.failures.append(Failure(piece, put, outcome and outcome.raised))
        trouble = self._trouble_of(piece)
        self._ledger.write(piece, put, trouble)
        if trouble is None:
            return
        if trouble.out is piece and not runs_on:
            trouble.out = None
        parks = dead and on_dead == "park"
        if parks:
            self._ledger.parked.append((put.handler, trouble.key))
        behind = cut_off(piece)
        piece.route.desk.running.difference_update(behind)
        trouble.pieces.extendleft(reversed(behind))
        self._lines.send_back(trouble, parked=parks)

    def _trouble_of(self, piece: Piece) -> Trouble | None:
        if piece.line is None:
            return None
        return self._lines.trouble(piece.route.desk, piece.line)
