"""Lines: what stands in one line begins one after the other, and goes wrong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from typedbus.core.retries import Backoff
from typedbus.outbox.ledger import Ledger
from typedbus.outbox.pieces import Desk, LatePiece, Piece, Trouble
from typedbus.outbox.records import Put, State

AWAY: Final = Backoff(first=timedelta(seconds=1), longest=timedelta(seconds=30))
"""How long a carrier that is away is left alone."""
_AT_ONCE: Final = timedelta(0)
_ANOTHER_NAME: Final = timedelta(seconds=1)


def cut_off(piece: Piece) -> list[Piece]:
    """Return what is linked behind *piece*, each one by itself from now on."""
    behind: list[Piece] = []
    following = piece.next
    piece.next = piece.last = None
    while following is not None:
        behind.append(following)
        after = following.next
        following.next = following.last = None
        following = after
    return behind


class Lines:
    """The lines of which a relay has something in hand, or must not pass what is in the store."""

    def __init__(self, ledger: Ledger, random: Callable[[], float]) -> None:
        self._ledger = ledger
        self._random = random
        self.now = 0.0
        self.alone: Final[list[LatePiece]] = []
        """Those that are to run alone, because the process died while they ran."""
        self.closed = False
        """Whether nothing may begin but what runs alone."""

    def trouble(self, desk: Desk, key: str) -> Trouble:
        """Return the trouble of a line; what is in hand of the line waits in it from now on."""
        found = desk.troubled.get(key)
        if found is None:
            found = desk.troubled[key] = Trouble(desk, key)
            first = desk.lines.pop(key, None)
            if first is not None:
                last: Piece = first
                found.out = first
                while last.next is not None and last.next in desk.running:
                    last = last.next  # a bundle takes a line along
                found.pieces.extend(cut_off(last))
        return found

    def put_back(self, pieces: Sequence[Piece]) -> None:
        """Take back *pieces* that began, in that order, and were not called after all."""
        for piece in reversed(pieces):
            desk = piece.route.desk
            desk.running.discard(piece)
            trouble = None if piece.line is None else desk.troubled.get(piece.line)
            if trouble is not None:
                if trouble.out is not piece:
                    trouble.pieces.appendleft(piece)
                    continue
                piece.next = None
            elif piece.line is not None and desk.lines[piece.line] is not piece:
                continue
            desk.ready.appendleft(piece)

    def arrive(self, piece: Piece) -> None:
        """Let a fresh *piece* begin, wait in hand, or wait in the store."""
        desk, line = piece.route.desk, piece.line
        trouble = None if line is None else desk.troubled.get(line)
        if trouble is not None:
            if piece.route.carrier is not None or not self._may_wait(piece, trouble):
                self.put_off(piece)
            else:
                trouble.pieces.append(piece)
        elif piece.route.carrier is not None and not desk.paused:
            self.hand_over(piece)
        elif desk.paused or desk.overflows:
            self.put_off(piece)
        elif line is None:
            desk.ready.append(piece)
        else:
            self.append(desk, line, piece)

    def append(self, desk: Desk, line: str, piece: Piece) -> None:
        """Put *piece* at the end of a line that goes well."""
        first = desk.lines.get(line)
        if first is None:
            desk.lines[line] = piece
            desk.ready.append(piece)
        else:
            (first.last or first).next = piece
            first.last = piece

    def put_off(self, piece: Piece) -> None:
        """Let *piece*, which has not begun, wait in the store: due at once, or behind others."""
        line = piece.line
        if line is None:
            self._put(piece, State.WAITING, None)
            return
        trouble = self.trouble(piece.route.desk, line)
        if trouble.dead and piece.route.durable.options.on_dead == "park":
            self._put(piece, State.DEAD, trouble, "parked: the first event of its line is dead")
        else:
            self._put(piece, State.HELD, trouble)
        if any(piece.stored.id < other.stored.id for other in trouble.pieces if other.late):
            self.send_back(trouble)

    def send_back(self, trouble: Trouble, *, parked: bool = False) -> None:
        """Let all that waits in hand behind the first of a line wait in the store."""
        pieces = list(trouble.pieces)
        trouble.pieces.clear()
        for piece in pieces:
            if isinstance(piece, LatePiece) and piece.state is State.HELD:
                self._ledger.drop(piece)  # it is held there, and parked with its line
            elif parked:
                self._put(piece, State.DEAD, trouble, "parked: the first event of its line is dead")
            else:
                self._put(piece, State.HELD, trouble)

    def advance(self, trouble: Trouble) -> None:
        """Let the next of a line begin, if it may; a line without trouble goes on as it was."""
        if trouble.out is not None or trouble.unconfirmed:
            return
        first = trouble.pieces[0] if trouble.pieces else None
        if isinstance(first, LatePiece):
            trouble.pieces.popleft()
            if self._has_another_name_before(first, trouble):
                self._put(first, State.WAITING, trouble, due=_ANOTHER_NAME)
                self.send_back(trouble)
                return
            trouble.out = first
            self.start(first)
        elif not trouble.stored and not trouble.removing:
            self._dissolve(trouble)

    def start(self, piece: LatePiece) -> None:
        """Let a late *piece* begin, once the store knows what it has to know of it."""
        if piece.route.carrier is not None:
            self.hand_over(piece)
        elif piece.marked:
            piece.route.desk.ready.append(piece)
        elif piece.crashes:
            self.alone.append(piece)
            self.closed = True
        elif piece.suspect:
            self.mark(piece)
        else:
            piece.route.desk.ready.append(piece)

    def mark(self, piece: LatePiece) -> None:
        """Note in the store that *piece* runs; it begins when that is written."""
        put = Put(
            piece.route.name,
            piece.stored.id,
            piece.line,
            State.RUNNING,
            piece.attempts,
            piece.crashes,
        )
        self._ledger.write(piece, put, self._trouble_of(piece), piece)

    def hand_over(self, piece: Piece) -> None:
        """Note in the store that *piece* is handed over; it is sent when that is written."""
        desk, line = piece.route.desk, piece.line
        if self.now < desk.away_until:
            wait = timedelta(seconds=desk.away_until - self.now)
            trouble = self._trouble_of(piece)
            self._put(piece, State.WAITING, trouble, due=wait)
            if trouble is not None:
                trouble.out = None
                self.send_back(trouble)
            return
        sent = LatePiece(
            piece.stored,
            piece.route,
            line,
            piece.since,
            State.SENT,
            piece.attempts,
            piece.crashes,
        )
        trouble = None if line is None else self.trouble(desk, line)
        if trouble is not None:
            trouble.out = sent
        if not piece.late:
            desk.late += 1
        put = Put(
            piece.route.name,
            piece.stored.id,
            line,
            State.SENT,
            piece.attempts,
            piece.crashes,
            piece.route.durable.options.resend_after,
        )
        self._ledger.write(piece, put, trouble, sent)
        if trouble is not None:
            self.send_back(trouble)

    def carrier_away(self, desk: Desk) -> timedelta:
        """Leave the carrier of *desk* alone for a while, and return for how long."""
        desk.away_times += 1
        wait = AWAY.wait_after(min(desk.away_times, AWAY.tries - 1), self._random())
        assert wait is not None, "there is always one more try"
        desk.away_until = self.now + wait.total_seconds()
        return wait

    def written(self, starts: LatePiece, state: State) -> None:
        """Let *starts* begin: its delivery is written, and stands in *state*."""
        starts.state, starts.marked = state, state is State.RUNNING
        trouble = self._trouble_of(starts)
        if trouble is None or trouble.out is starts:
            starts.route.desk.ready.append(starts)
        else:
            trouble.pieces.append(starts)
            self.advance(trouble)

    def _put(
        self,
        piece: Piece,
        state: State,
        trouble: Trouble | None,
        error: str | None = None,
        due: timedelta = _AT_ONCE,
    ) -> None:
        if isinstance(piece, LatePiece):
            piece.route.desk.late -= 1
        put = Put(
            piece.route.name,
            piece.stored.id,
            piece.line,
            state,
            piece.attempts,
            piece.crashes,
            due,
            error,
        )
        self._ledger.write(piece, put, trouble)

    def _trouble_of(self, piece: Piece) -> Trouble | None:
        return None if piece.line is None else self.trouble(piece.route.desk, piece.line)

    def _may_wait(self, piece: Piece, trouble: Trouble) -> bool:
        """Say whether *piece* may wait in hand: the line moves, and all before it is in hand."""
        desk = trouble.desk
        if desk.paused or desk.overflows or trouble.unconfirmed or trouble.dead:
            return False
        if trouble.pieces:
            return trouble.pieces[-1].stored.id < piece.stored.id
        if trouble.out is not None and trouble.out.stored.id > piece.stored.id:
            return False
        # What is in the store alone may be first for long; what is in hand is not.
        moves = trouble.removing or (trouble.out is not None and trouble.out.late)
        return bool(moves) or not trouble.stored

    @staticmethod
    def _has_another_name_before(piece: LatePiece, trouble: Trouble) -> bool:
        """Say whether the line has deliveries under an older name of the handler."""
        names = trouble.desk.names
        if len(trouble.stored) < 2 or piece.route.name not in names:
            return False
        mine = names.index(piece.route.name)
        return any(name in trouble.stored for name in names[:mine])

    def _dissolve(self, trouble: Trouble) -> None:
        desk, key = trouble.desk, trouble.key
        del desk.troubled[key]
        for piece in trouble.pieces:
            if desk.paused or desk.overflows:
                self.put_off(piece)
            else:
                self.append(desk, key, piece)
