"""Spilling: what has not begun waits in the store, so that the rest goes on."""

from __future__ import annotations

from collections import Counter
from math import inf

from typedbus.outbox.ledger import Ledger
from typedbus.outbox.lines import Lines
from typedbus.outbox.pieces import Desk, LatePiece, Piece, Shared, Trouble
from typedbus.outbox.records import Put, State
from typedbus.outbox.routes import Routes


class Spilling:
    """Puts off what has not begun: of slow handlers, of paused ones, of a relay that stops."""

    def __init__(self, routes: Routes, ledger: Ledger, lines: Lines) -> None:
        self._routes = routes
        self._ledger = ledger
        self._lines = lines

    def spill_slow(self, before: float) -> None:
        """Put off what came before that time and has not begun; what comes waits there, too."""
        for desk in self._routes.desks:
            if self._put_off(desk, before):
                desk.overflows, desk.plain = True, False

    def spill_waiting(self, before: float) -> None:
        """Put off what came before that time and waits for its line to be free."""
        for desk in self._routes.desks:
            for trouble in list(desk.troubled.values()):
                self._put_off_waiting(trouble, before)

    def pause(self, desk: Desk) -> None:
        """Put off all that has not begun for *desk*."""
        desk.paused, desk.plain = True, False
        self._put_off(desk, inf)
        self._give_back(desk)

    def stop(self) -> None:
        """Let go of all that has not begun, and leave nothing half done."""
        untouched = self._untouched()
        for desk in self._routes.desks:
            for piece in self._not_begun(desk, inf):
                if piece.shared is not None and piece.shared not in untouched:
                    self._lines.put_off(piece)
            self._give_back(desk)

    def _untouched(self) -> set[Shared]:
        """Return the events of which nothing has begun: they are pending still, as they were."""
        waiting = Counter[Shared]()
        for desk in self._routes.desks:
            found = set[Piece](desk.ready)
            for first in desk.lines.values():
                piece: Piece | None = first
                while piece is not None:
                    found.add(piece)
                    piece = piece.next
            for trouble in desk.troubled.values():
                found.update(trouble.pieces)
            found -= desk.running
            waiting.update(piece.shared for piece in found if piece.shared is not None)
        return {
            shared
            for shared, count in waiting.items()
            if shared.open == count and len(self._routes.plan(shared.stored)) == count
        }

    def _put_off(self, desk: Desk, before: float) -> bool:
        pieces = self._not_begun(desk, before)
        for piece in pieces:
            self._lines.put_off(piece)
        return bool(pieces)

    def _not_begun(self, desk: Desk, before: float) -> list[Piece]:
        """Take all fresh pieces that came before that time and have not begun out of *desk*."""
        ready = list(desk.ready)
        desk.ready.clear()
        found: list[Piece] = []
        for piece in ready:
            if piece.late or piece.since > before:
                desk.ready.append(piece)
                continue
            found.append(piece)
            if piece.line is not None:
                trouble = self._lines.trouble(desk, piece.line)
                trouble.out = None
                found += self._take_fresh(trouble)
        for first in list(desk.running):
            behind = first.next
            if first.line is not None and behind is not None and behind not in desk.running:
                found += self._take_fresh(self._lines.trouble(desk, first.line))
        return found

    def _put_off_waiting(self, trouble: Trouble, before: float) -> None:
        if trouble.pieces and any(
            not piece.late and piece.since <= before for piece in trouble.pieces
        ):
            for piece in self._take_fresh(trouble):
                self._lines.put_off(piece)

    @staticmethod
    def _take_fresh(trouble: Trouble) -> list[Piece]:
        fresh = [piece for piece in trouble.pieces if not piece.late]
        late = [piece for piece in trouble.pieces if piece.late]
        trouble.pieces.clear()
        trouble.pieces.extend(late)
        return fresh

    def _give_back(self, desk: Desk) -> None:
        """Let go of the deliveries of *desk* that have not begun."""
        for trouble in list(desk.troubled.values()):
            out = trouble.out
            if isinstance(out, LatePiece) and out in desk.ready:
                trouble.out = None
            for piece in self._take_fresh(trouble):
                self._lines.put_off(piece)
            self._lines.send_back(trouble)
        for each in [piece for piece in self._lines.alone if piece.route.desk is desk]:
            self._lines.alone.remove(each)
            self._return(each)
        ready = list(desk.ready)
        desk.ready.clear()
        for piece in ready:
            if isinstance(piece, LatePiece):
                self._return(piece)
            else:
                desk.ready.append(piece)

    def _return(self, piece: LatePiece) -> None:
        trouble = None if piece.line is None else piece.route.desk.troubled.get(piece.line)
        if trouble is not None and trouble.out is piece:
            trouble.out = None
        if piece.state not in (State.RUNNING, State.SENT):
            self._ledger.drop(piece)
            return
        piece.route.desk.late -= 1
        put = Put(
            piece.route.name,
            piece.stored.id,
            piece.line,
            State.WAITING,
            piece.attempts,
            piece.crashes,
        )
        self._ledger.write(piece, put, trouble)
