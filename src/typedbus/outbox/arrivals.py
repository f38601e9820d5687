"""Arrivals: what becomes of the events and deliveries that a relay has read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf
from typing import Final

from typedbus.outbox.endings import Endings
from typedbus.outbox.ledger import Ledger
from typedbus.outbox.lines import Lines
from typedbus.outbox.pieces import LatePiece, Piece, Shared, Trouble
from typedbus.outbox.records import Late, Put, State, Stored
from typedbus.outbox.routes import Part, Routes

_NOBODY: Final = "nobody here knows this handler, or the class of the event"


class Arrivals:
    """Takes in what was read."""

    def __init__(
        self, routes: Routes, ledger: Ledger, lines: Lines, endings: Endings, max_crashes: int
    ) -> None:
        self._routes = routes
        self._ledger = ledger
        self._lines = lines
        self._endings = endings
        self._max_crashes = max_crashes
        self.suspicious = False
        """Whether what comes may have brought the process down, and is marked beforehand."""
        self._touched: dict[Trouble, None] = {}
        self._horizon: float = -1
        """Up to which number all that is pending was read since the lease was taken."""
        self.beyond = False
        """Whether deliveries were left in the store because they are beyond the horizon."""

    def see(self, fresh: Sequence[Stored], asked: int) -> None:
        """Note how far the events that are pending are in hand: reads begin at the lowest."""
        if asked:
            seen = inf if len(fresh) < asked else fresh[-1].id
            self._horizon = max(self._horizon, seen)

    def take_fresh(self, fresh: Sequence[Stored], now: float) -> None:
        """Take in events of which nothing was done yet."""
        if self.suspicious:
            self._take_suspects(fresh, now)
            return
        known, plans, arrive = self._ledger.known, self._routes.plans, self._lines.arrive
        for stored in fresh:
            if stored.id in known:
                continue
            known.add(stored.id)
            plan = plans.get((stored.type, stored.owed_to))
            if plan is None:
                plan = self._routes.plan(stored)
            if len(plan) != 1 or (route := plan[0].route) is None:
                self._take_parts(stored, plan, now)
                continue
            _, _, key, by_the_record = plan[0]
            line = stored.key if by_the_record else key
            piece = Piece(stored, route, line, None, now)
            desk = route.desk
            # What `arrive` does, written out for what most events are.
            if not desk.plain or (line is not None and line in desk.troubled):
                arrive(piece)
            elif line is None:
                desk.ready.append(piece)
            else:
                first = desk.lines.get(line)
                if first is None:
                    desk.lines[line] = piece
                    desk.ready.append(piece)
                else:
                    (first.last or first).next = piece
                    first.last = piece

    def _take_suspects(self, fresh: Iterable[Stored], now: float) -> None:
        for stored in fresh:
            if stored.id in self._ledger.known:
                continue
            self._ledger.known.add(stored.id)
            plan = self._routes.plan(stored)
            shared = self._shared(stored, len(plan))
            for part in plan:
                self._take_suspect(stored, part, shared, now)

    def take_late(self, late: Iterable[Late], now: float) -> int:
        """Take in deliveries that are due, and those behind them in their lines.

        Returns how many were taken in: those of a line of which something is still to be written
        are left where they are, for now. They begin by `begin_late`.
        """
        touched: dict[Trouble, None] = {}
        taken = 0
        for each in late:
            if (each.handler, each.stored.id) not in self._ledger.known_late:
                before = len(self._ledger.known_late), len(self._ledger.writings)
                trouble = self._take_late(each, now)
                taken += before != (len(self._ledger.known_late), len(self._ledger.writings))
                if trouble is not None:
                    touched[trouble] = None
        self._touched = touched
        return taken

    def begin_late(self) -> None:
        """Let begin what may of the lines that deliveries were taken in of."""
        touched, self._touched = self._touched, {}
        for trouble in touched:
            if any(not a.late and b.late for a, b in pairwise(trouble.pieces)):
                # One that is fresh has a lower number than what is in the store: it goes there
                # too, and the store brings them in order.
                self._lines.send_back(trouble)
            self._lines.advance(trouble)

    def adopt(self, late: Iterable[Late]) -> None:
        """Put what no relay before knew where it belongs, if it is known here."""
        for each in late:
            route = self._routes.route(each.stored.type, each.handler)
            if route is None:
                continue
            state = State.WAITING if each.line is None else State.HELD
            put = Put(each.handler, each.stored.id, each.line, state, each.attempts, each.crashes)
            self._ledger.put(put, self._trouble(each.handler, each.line))

    def _shared(self, stored: Stored, count: int) -> Shared:
        shared = Shared(stored, count)
        if not count:
            self._ledger.done.append(stored.id)
        return shared

    def _take_parts(self, stored: Stored, plan: Sequence[Part], now: float) -> None:
        shared = self._shared(stored, len(plan))
        for name, route, key, by_the_record in plan:
            line = stored.key if by_the_record else key
            if route is None:
                self._put_unknown(stored, name, line, shared)
            else:
                self._lines.arrive(Piece(stored, route, line, shared, now))

    def _take_suspect(self, stored: Stored, part: Part, shared: Shared, now: float) -> None:
        name, route, key, by_the_record = part
        line = stored.key if by_the_record else key
        if route is None:
            self._put_unknown(stored, name, line, shared)
            return
        desk = route.desk
        piece = Piece(stored, route, line, shared, now)
        trouble = None if line is None else desk.troubled.get(line)
        if trouble is not None and route.carrier is None:
            # Of a line only the first is marked: it alone can have killed when the process dies.
            self._lines.put_off(piece)
            return
        if not desk.plain:
            self._lines.arrive(piece)
            return
        if line is not None:
            trouble = self._lines.trouble(desk, line)
        desk.late += 1
        late = LatePiece(stored, route, line, now, State.RUNNING)
        late.suspect = True
        self._ledger.write(piece, Put(name, stored.id, line, State.RUNNING), trouble, late)

    def _take_late(self, each: Late, now: float) -> Trouble | None:
        """Take in one delivery, and return the trouble of its line if it is among its pieces."""
        stored, handler, line, state, attempts, crashes = each
        route = self._routes.route(stored.type, handler)
        if route is None:
            self._put_late_unknown(each)
            return None
        desk = route.desk
        trouble = None if line is None else self._lines.trouble(desk, line)
        if trouble is not None:
            trouble.stored.add(handler)
        if trouble is not None and (trouble.unconfirmed or trouble.dead or trouble.pieces):
            if state is State.RUNNING:
                # It was first when it was marked, and is not any more.
                put = Put(handler, stored.id, line, State.HELD, attempts, crashes + 1)
                self._ledger.put(put, trouble)
                return None
            if trouble.unconfirmed:
                return None
        if desk.paused:
            return None
        if line is not None and stored.id > self._horizon:
            # Something with a lower number may be pending that belongs before it.
            self.beyond = True
            return None
        piece = LatePiece(stored, route, line, now, state, attempts, crashes)
        piece.suspect = self.suspicious
        self._ledger.known_late.add((handler, stored.id))
        desk.late += 1
        if trouble is not None and state is not State.HELD:
            trouble.dead = False  # it would not be due behind a dead one
        if state is State.RUNNING:
            piece.crashes += 1
            if piece.crashes >= self._max_crashes:
                self._endings.died(piece)
                return None
        if trouble is None:
            self._lines.start(piece)
            return None
        self._insert(trouble, piece)
        return trouble

    @staticmethod
    def _insert(trouble: Trouble, piece: LatePiece) -> None:
        pieces = trouble.pieces
        at = len(pieces)
        while at and pieces[at - 1].stored.id > piece.stored.id:
            at -= 1
        pieces.insert(at, piece)

    def _put_unknown(self, stored: Stored, name: str, line: str | None, shared: Shared) -> None:
        put = Put(name, stored.id, line, State.UNKNOWN, error=_NOBODY)
        self._ledger.put_part(shared, put, self._trouble(name, line))

    def _put_late_unknown(self, each: Late) -> None:
        if each.state is State.HELD:
            return  # it stays behind the first of its line, which is put away
        put = Put(
            each.handler,
            each.stored.id,
            each.line,
            State.UNKNOWN,
            each.attempts,
            each.crashes,
            error=_NOBODY,
        )
        self._ledger.put(put, self._trouble(each.handler, each.line))

    def _trouble(self, name: str, line: str | None) -> Trouble | None:
        desk = None if line is None else self._routes.desk(name)
        return None if desk is None or line is None else self._lines.trouble(desk, line)
