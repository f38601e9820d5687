"""How much is too much for a verification, and by which clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple


class Limits(NamedTuple):
    """What is told of, if it is more than this."""

    open_for: timedelta = timedelta(minutes=5)
    """How long a transaction may be open."""
    undecided_for: timedelta = timedelta(days=30)
    """How long a delivery may be dead, or unknown."""
    silent_for: timedelta = timedelta(minutes=5)
    """How long events may wait with no relay that works."""
    apart: timedelta = timedelta(seconds=5)
    """How far clocks may be apart."""
    clock: Callable[[], datetime] = partial(datetime.now, UTC)
    """The clock of this machine."""
