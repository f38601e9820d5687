"""The watch over a relay: it sees from outside the event loop that nothing moves any more."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from collections.abc import Callable, Iterable
from math import inf
from threading import Event, Thread
from time import monotonic
from typing import Final

from typedbus.outbox.pieces import Piece

EXIT_CODE: Final = 70
"""What the process ends with: `EX_SOFTWARE`, for who starts it again."""
_EVERY: Final = 0.5

logger: Final = logging.getLogger("typedbus")


class Watch:
    """Says whether a relay moves: each call may take as long as its handler's timeout."""

    def __init__(
        self,
        name: str,
        patience: float,
        *,
        moved: Callable[[], float],
        under_way: Callable[[], Iterable[Piece]],
        exits: Callable[[], bool],
    ) -> None:
        self._name = name
        self._patience = patience
        self._moved = moved
        self._under_way = under_way
        self._exits = exits
        self._stopped = Event()
        self._told = False

    def start(self) -> None:
        """Watch from a thread."""
        Thread(target=self._watch, name="typedbus watch", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()

    def moves(self) -> bool:
        """Return whether something moved as lately as can be expected."""
        still = monotonic() - self._moved()
        return still <= self._patience or still <= self._patience + self._longest()

    def _longest(self) -> float:
        """Return how long what is called just now may take."""
        seconds = [piece.route.seconds for piece in self._running()]
        return max((inf if each is None else each for each in seconds), default=0.0)

    def _running(self) -> list[Piece]:
        try:
            return list(self._under_way())
        except RuntimeError:
            return []  # it changed while it was looked at

    def _watch(self) -> None:
        while not self._stopped.wait(_EVERY):
            if self.moves():
                self._told = False
            elif not self._told:
                self._told = True
                self._tell()

    def _tell(self) -> None:
        running = ", ".join(map(str, self._running())) or "no handler at all"
        logger.critical(
            "The relay of %s has not moved for %.0f s while it called %s: it lets its lease run "
            "out, so that another one can take over",
            self._name,
            monotonic() - self._moved(),
            running,
        )
        if self._exits():
            faulthandler.dump_traceback(sys.__stderr__ or 2)
            os._exit(EXIT_CODE)
