"""Alone: what was running when the process died runs by itself, so that the next death names it."""

from __future__ import annotations

from typing import Final

from typedbus.outbox.lines import Lines
from typedbus.outbox.pieces import Desk, Kind, LatePiece, Piece


class Alone:
    """Lets one such piece at a time run, marked beforehand, while nothing else begins."""

    def __init__(self, lines: Lines, patience: float) -> None:
        self._lines = lines
        self._patience: Final = patience
        """How long the others wait for it, and it for them."""
        self._only: LatePiece | None = None
        self._since: float | None = None
        self._has_ended = False

    def begin(self, kind: Kind, now: float) -> Piece | None:
        """Return the piece that runs alone, if it is ready."""
        only = self._only
        if only is None or only.route.desk.kind is not kind or only not in only.route.desk.ready:
            return None
        only.route.desk.ready.remove(only)
        only.route.desk.running.add(only)
        self._since = now
        return only

    def tick(self, now: float, running: int) -> None:
        """Mark the next one once nothing else runs, and open up again when one takes long."""
        if self._since is None:
            self._since = now
        waited = now - self._since >= self._patience
        only = self._only
        if only is not None and waited and only in only.route.desk.running:
            self._open()
        if self._only is None and self._lines.alone and (waited or not running):
            self._only = self._lines.alone.pop(0)
            self._lines.mark(self._only)
        self._see_whether_closed()

    def ended(self, piece: Piece) -> None:
        """Take in that *piece* has ended, be it the one that ran alone."""
        self._has_ended = self._has_ended or piece is self._only

    def settled(self) -> None:
        """Open up again if what ran alone has ended: the next death is not taken for its own."""
        if self._has_ended:
            self._open()

    def forget(self, desk: Desk) -> None:
        """Open up again if what waits for its turn was given back by *desk*."""
        only = self._only
        if only is not None and only.route.desk is desk and only not in desk.running:
            self._open()

    def _open(self) -> None:
        self._only = self._since = None
        self._has_ended = False
        self._see_whether_closed()

    def _see_whether_closed(self) -> None:
        self._lines.closed = self._only is not None or bool(self._lines.alone)
