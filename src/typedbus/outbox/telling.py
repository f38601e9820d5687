"""Telling: what a relay says in the log of calls that failed, however many there are."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from typedbus.outbox.endings import Failure
from typedbus.outbox.records import State

_MOST: Final = 20
"""How many failures of one handler are told, one by one, in each stretch of time."""
_STRETCH: Final = 10.0
"""How long that is, in seconds."""

logger: Final = logging.getLogger("typedbus")


class _Count:
    def __init__(self, now: float) -> None:
        self.since = now
        self.told = 0
        self.left_out = 0


class Teller:
    """Tells of failures: each of them, unless one handler fails again and again."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}

    def tell(self, failures: Iterable[Failure]) -> None:
        """Log *failures*."""
        for failure in failures:
            if self._may_tell(failure.piece.handler):
                _tell(failure)

    def _may_tell(self, handler: str) -> bool:
        now = monotonic()
        count = self._counts.get(handler)
        if count is None or now - count.since >= _STRETCH:
            if count is not None and count.left_out:
                logger.warning("%s failed %d times more", handler, count.left_out)
            count = self._counts[handler] = _Count(now)
        if count.told < _MOST:
            count.told += 1
            return True
        count.left_out += 1
        return False


def _tell(failure: Failure) -> None:
    piece, put, raised = failure
    if put.state is State.DEAD:
        after = f" after {put.attempts} tries" if put.attempts > 1 else ""
        logger.error("%s is a dead letter%s: %s", piece, after, put.error, exc_info=raised)
        return
    most = piece.route.durable.options.retry.tries
    what = f"failed, try {put.attempts} of {most}" if put.attempts > piece.attempts else "waits"
    logger.warning("%s %s, again %s: %s", piece, what, _when(put.due), put.error, exc_info=raised)


def _when(due: timedelta | datetime) -> str:
    if isinstance(due, timedelta):
        return f"in {due.total_seconds():.3g} s"
    return f"at {due.isoformat()}"
