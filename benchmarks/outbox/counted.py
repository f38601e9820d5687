"""The calls of the handlers of one run: how many, from when, and in which order."""

from __future__ import annotations

from threading import Event as Flag
from threading import Lock
from time import perf_counter, process_time


class Counted:
    """Counts the calls up to *expected*; each contender's handlers do this and nothing else."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.calls = 0
        self.first = 0.0
        """When the first call came, by `perf_counter`."""
        self.first_cpu = 0.0
        """The seconds of processor time that the process had taken by then."""
        self.out_of_order = 0
        """How many calls came later than one for a later event of the same key."""
        self.lock = Lock()
        """Held by who counts in a thread."""
        self.all = Flag()
        """Set by the last call."""
        self.over = Flag()
        """Set when the database owes nothing any more: who works may stop."""
        self._newest: dict[tuple[str, str], int] = {}

    def call(self) -> None:
        """Count a call."""
        self.calls += 1
        if self.calls == 1:
            self.first, self.first_cpu = perf_counter(), process_time()
        if self.calls == self.expected:
            self.all.set()

    def call_in_order(self, handler: str, key: str, number: int) -> None:
        """Count a call, and see whether it is behind an earlier one of its key."""
        line = (handler, key)
        if number < self._newest.get(line, 0):
            self.out_of_order += 1
        self._newest[line] = number
        self.call()
