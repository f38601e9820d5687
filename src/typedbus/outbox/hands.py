"""What a relay has in its hands as long as it has the lease: taken in, begun, ended, settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from typedbus.outbox.acts import Read
from typedbus.outbox.alone import Alone
from typedbus.outbox.arrivals import Arrivals
from typedbus.outbox.endings import Endings
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.ledger import Ledger, Page
from typedbus.outbox.lines import Lines
from typedbus.outbox.outcomes import Outcome
from typedbus.outbox.pieces import Desk, Kind, Piece, Trouble
from typedbus.outbox.records import Batch, Lease, Line, Occupied, State
from typedbus.outbox.routes import Routes
from typedbus.outbox.settings import RelaySettings
from typedbus.outbox.spilling import Spilling

ALL: Final = "*"
"""What an operator has paused who paused everything."""
_FIRST_GROUP: Final = 25
_LARGEST_GROUP: Final = 800
"""How many suspects are marked at a time: the next crash names so many, the one after it one.

Each group that survives makes the next one twice as large: most crashes were no event's fault.
"""


class Hands:
    """All that one relay holds under one lease, and what it knows of the lines."""

    def __init__(
        self,
        lease: Lease,
        handlers: DurableHandlers,
        settings: RelaySettings,
        random: Callable[[], float],
    ) -> None:
        # A copy of its own, by which what belongs to it is told from what was in hand before.
        self.lease: Final = lease._replace()
        self._settings = settings
        self._names = handlers
        self.ledger: Final = Ledger()
        places = {Kind.ASYNC: settings.concurrency, Kind.SYNC: settings.threads}
        self._routes = Routes(handlers, self.lease, places)
        self._lines = Lines(self.ledger, random)
        self.endings: Final = Endings(self.ledger, self._lines, random)
        self.arrivals: Final = Arrivals(
            self._routes, self.ledger, self._lines, self.endings, settings.max_crashes
        )
        self._spilling = Spilling(self._routes, self.ledger, self._lines)
        self._turn = -1
        self._alone = Alone(self._lines, settings.spill_after.total_seconds())
        self.paused: frozenset[str] = frozenset()
        self._fresh_suspects = self._late_suspects = 0 if lease.clean else settings.window
        self.late_wanted = True
        """Whether something may be due that was not before."""
        self.handled = 0
        self.group = _FIRST_GROUP if settings.max_crashes > 1 else 1
        """How many suspects are taken in at a time."""

    @property
    def fresh_group(self) -> int:
        """How many of the fresh ones among them: not more than are left to be looked at."""
        return min(self.group, max(_FIRST_GROUP, self._fresh_suspects))

    def trust_more(self) -> None:
        """Take in more suspects at a time, after all of a group have survived."""
        if self.group > 1:
            self.group = min(2 * self.group, _LARGEST_GROUP)

    @property
    def running(self) -> int:
        """How many calls are under way."""
        return sum(len(desk.running) + len(desk.stuck) for desk in self._routes.desks)

    def may_begin(self, kind: Kind) -> bool:
        """Return whether something of that kind may begin."""
        return any(desk.ready and desk.kind is kind for desk in self._routes.desks)

    @property
    def dry(self) -> bool:
        """Whether nothing of what is in hand may begin."""
        return not any(
            desk.ready and len(desk.running) < desk.places for desk in self._routes.desks
        )

    @property
    def empty(self) -> bool:
        """Whether nothing is in hand, and nothing to be written down."""
        ledger = self.ledger
        return not (ledger.known or ledger.known_late or ledger.unsettled)

    @property
    def unhandled(self) -> int:
        """How many fresh events wait to be handled."""
        return len(self.ledger.known) - len(self.ledger.done)

    def under_way(self) -> Iterator[Piece]:
        """Iterate over the pieces that are called just now."""
        for desk in self._routes.desks:
            yield from (*desk.running, *desk.stuck)

    def left_out(self, now: float) -> Collection[str]:
        """Return the names of handlers whose deliveries are not to be read now."""
        enough = max(self.group, self._settings.window // 4)
        names = set(self.paused)
        for desk in self._routes.desks:
            if desk.late >= enough or now < desk.away_until:
                names.update(desk.names)
        return names

    def take(self, read: Read, batch: Batch, now: float) -> int:
        """Take in what was read; return how many of the deliveries were taken in."""
        self._lines.now = now
        self.arrivals.see(batch.fresh, read.fresh)
        self.arrivals.suspicious = self.suspicious
        # Deliveries first, so that fresh events behind them in their lines wait in hand.
        taken = self.arrivals.take_late(batch.late, now)
        self.arrivals.take_fresh(batch.fresh, now)
        self.arrivals.begin_late()
        if read.late:
            # What is put off behind a suspect comes back as a delivery, and is suspect too.
            found_all = not batch.late and not (batch.fresh and self._fresh_suspects > 0)
            self._late_suspects = 0 if found_all else self._late_suspects - taken
        if read.fresh:
            found_all = len(batch.fresh) < read.fresh
            self._fresh_suspects = 0 if found_all else self._fresh_suspects - len(batch.fresh)
        return taken

    @property
    def suspicious(self) -> bool:
        """Whether what is taken in may have brought the process down, and is marked."""
        return self._fresh_suspects > 0 or self._late_suspects > 0

    def begin(self, kind: Kind, now: float) -> Piece | None:
        """Return the next piece to be called there, if there is one."""
        if self._lines.closed:
            return self._alone.begin(kind, now)
        desks, turn = self._routes.desks, self._turn
        for _ in desks:
            turn = turn + 1 if turn + 1 < len(desks) else 0
            desk = desks[turn]
            if desk.ready and desk.kind is kind and len(desk.running) < desk.places:
                self._turn = turn
                piece = desk.ready.popleft()
                desk.running.add(piece)
                return piece
        return None

    def bundle(self, first: Piece, most: int) -> list[Piece]:
        """Return *first*, which has begun, with up to *most* - 1 more that begin with it.

        They are for the same handler, each line in its order: one that follows another of its
        line must not be called if that one fails.
        """
        desk = first.route.desk
        taken = [first]
        if first.route.carrier is not None or self._lines.closed:
            return taken
        piece: Piece | None = first
        while len(taken) < most:
            piece = piece.next if piece is not None else None
            if piece is None:
                if not desk.ready or desk.ready[0].route.carrier is not None:
                    break
                piece = desk.ready.popleft()
            desk.running.add(piece)
            taken.append(piece)
        return taken

    def end(self, piece: Piece, outcome: Outcome | None, now: float) -> None:
        """Take in what came of *piece*."""
        self._lines.now = now
        self.endings.end(piece, outcome)
        self.handled += outcome is None
        if self._lines.closed:
            self._alone.ended(piece)

    def over(self, piece: Piece, now: float) -> None:
        """Take in that the call of *piece*, which was given up, has ended."""
        self._lines.now = now
        self.endings.over(piece)

    def put_back(self, pieces: Sequence[Piece]) -> None:
        """Take back *pieces* that began, and were not called."""
        self._lines.put_back(pieces)

    def settled(self, page: Page, free: Collection[Line], now: float) -> None:
        """Take in that *page* is written down, and that these lines are free."""
        self._lines.now = now
        self.ledger.written(page)
        if self._lines.closed and not self.ledger.unsettled:
            self._alone.settled()
        touched: dict[Trouble, None] = {}
        for put, trouble, _ in page.writings:
            if trouble is not None:
                touched[trouble] = None
                trouble.unconfirmed -= 1
                if put.line is not None:
                    trouble.stored.add(put.handler)
                    trouble.dead = trouble.dead or put.state is State.DEAD
        for piece in page.removed:
            trouble = self._trouble_of(piece.route.desk, piece.line)
            if trouble is not None:
                touched[trouble] = None
                trouble.removing -= 1
        for handler, key in free:
            trouble = self._trouble_of(self._routes.desk(handler), key)
            if trouble is not None:
                touched[trouble] = None
                trouble.stored.discard(handler)
                trouble.dead = trouble.dead and bool(trouble.stored)
        for put, _, starts in page.writings:
            if starts is not None:
                self._lines.written(starts, put.state)
        for trouble in touched:
            # What is first of it now may have become due.
            self.late_wanted = self.late_wanted or bool(trouble.stored)
            self._lines.advance(trouble)

    def look(self, occupied: Occupied, paused: Collection[str], now: float) -> None:
        """Take in how the lines are in the store, and who is paused."""
        self._lines.now = now
        self._routes.forget()
        stored: dict[tuple[Desk, str], set[str]] = {}
        dead = set[tuple[Desk, str]]()
        for lines in occupied:
            for handler, key in lines:
                desk = self._routes.desk(handler)
                if desk is not None:
                    stored.setdefault((desk, key), set()).add(handler)
                    if lines is occupied.dead:
                        dead.add((desk, key))
        for desk in self._routes.desks:
            for key in desk.troubled.keys() - {key for at, key in stored if at is desk}:
                stored[desk, key] = set()
        for (desk, key), names in stored.items():
            trouble = self._lines.trouble(desk, key)
            trouble.stored, trouble.dead = names, (desk, key) in dead
            self._lines.advance(trouble)
        self._pause(frozenset(paused))

    def tick(self, now: float) -> None:
        """Put off what has waited for too long."""
        self._lines.now = now
        before = now - self._settings.spill_after.total_seconds()
        self._spilling.spill_waiting(before)
        room = self._settings.window - len(self.ledger.known)
        others = len(self._names.names()) > 1
        if room < self._settings.batch and others and not self.suspicious:
            self._spilling.spill_slow(before)

    def see_to_the_alone(self, now: float) -> None:
        """See to those that run alone."""
        if self._lines.closed:
            self._lines.now = now
            self._alone.tick(now, self.running)

    def caught_up(self, left_out: Collection[str]) -> None:
        """Note that the store has no more deliveries that are due, but for these handlers."""
        for desk in self._routes.desks:
            if desk.overflows and desk.name not in left_out and not desk.ready:
                desk.overflows = False
                self._be_plain(desk)

    def stop(self, now: float) -> None:
        """Let go of all that has not begun, and leave nothing half done."""
        self._lines.now = now
        self._spilling.stop()

    def _pause(self, paused: frozenset[str]) -> None:
        now_paused = self._routes.desks_of(paused - {ALL})
        for desk in self._routes.desks:
            if desk in now_paused:
                self._spilling.pause(desk)
                self._alone.forget(desk)
            elif desk.paused:
                desk.paused = False
                self._be_plain(desk)
                self.late_wanted = True
        self.paused = paused

    def _be_plain(self, desk: Desk) -> None:
        durable = self._names.named(desk.name)
        remote = durable is not None and durable.options.to is not None
        desk.plain = not (remote or desk.paused or desk.overflows)

    @staticmethod
    def _trouble_of(desk: Desk | None, key: str | None) -> Trouble | None:
        return None if desk is None or key is None else desk.troubled.get(key)
