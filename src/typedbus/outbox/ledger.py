"""The ledger of a relay: what is in its hands, and what it has to write down of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from typedbus.outbox.pieces import LatePiece, Piece, Shared, Trouble, Writing
from typedbus.outbox.records import Line, Put, Settlement


class Page(NamedTuple):
    """What is being written down, all of it or nothing."""

    done: Sequence[int]
    writings: Sequence[Writing]
    removed: Sequence[LatePiece]
    parked: Sequence[Line]

    def settlement(self) -> Settlement:
        """Return it as the store takes it."""
        return Settlement(
            self.done,
            [writing.put for writing in self.writings],
            [(piece.route.name, piece.stored.id) for piece in self.removed],
            self.parked,
        )


class Ledger:
    """What a relay has in its hands, and what it has to write down."""

    def __init__(self) -> None:
        self.known: Final = set[int]()
        """The numbers of the events that are in hand as fresh."""
        self.known_late: Final = set[tuple[str, int]]()
        """The deliveries in hand: handler and number of the event."""
        self.stuck: Final = set[tuple[str, int]]()
        """Those of them whose call goes on, though it was given up."""
        self.done: list[int] = []
        self.writings: list[Writing] = []
        self.removed: list[LatePiece] = []
        self.parked: list[Line] = []

    @property
    def unsettled(self) -> int:
        """How many things are to be written down."""
        return len(self.done) + len(self.writings) + len(self.removed)

    @property
    def off_the_happy_path(self) -> bool:
        """Whether something is to be written that others may wait for."""
        return bool(self.writings or self.removed)

    def write(
        self,
        piece: Piece,
        put: Put,
        trouble: Trouble | None,
        starts: LatePiece | None = None,
    ) -> None:
        """Write *put* in place of *piece*.

        A fresh event goes only together with all that is written in its place.
        """
        if starts is not None:
            self.known_late.add((put.handler, put.id))
        if piece.shared is not None:
            self.put_part(piece.shared, put, trouble, starts)
            return
        self.put(put, trouble, starts)
        if not piece.late:
            self.done.append(put.id)

    def put(self, put: Put, trouble: Trouble | None, starts: LatePiece | None = None) -> None:
        """Write *put*; *trouble* waits until it is written, and then *starts* may begin."""
        if trouble is not None:
            trouble.unconfirmed += 1
        self.writings.append(Writing(put, trouble, starts))

    def put_part(
        self,
        shared: Shared,
        put: Put,
        trouble: Trouble | None,
        starts: LatePiece | None = None,
    ) -> None:
        """Do as `put` when all handlers of *shared* are done with it, or have theirs written."""
        if trouble is not None:
            trouble.unconfirmed += 1
        shared.writings.append(Writing(put, trouble, starts))
        self.part_done(shared)

    def part_done(self, shared: Shared) -> None:
        """Note that one more handler is done with *shared*."""
        shared.open -= 1
        if not shared.open:
            self.done.append(shared.stored.id)
            self.writings += shared.writings

    def drop(self, piece: LatePiece) -> None:
        """Let go of *piece*: the store has it as it is."""
        piece.route.desk.late -= 1
        self.known_late.discard((piece.route.name, piece.stored.id))

    def turn(self) -> Page:
        """Return what is to be written down, and begin a new page."""
        page = Page(self.done, self.writings, self.removed, self.parked)
        self.done, self.writings, self.removed, self.parked = [], [], [], []
        return page

    def written(self, page: Page) -> None:
        """Let go of what is written down."""
        self.known.difference_update(page.done)
        for piece in page.removed:
            self.known_late.discard((piece.route.name, piece.stored.id))
        for put, _, starts in page.writings:
            if starts is None and (put.handler, put.id) not in self.stuck:
                self.known_late.discard((put.handler, put.id))
