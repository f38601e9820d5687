"""One process empties one table."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from sqlalchemy import create_engine, text

from benchmarks.outbox import processes
from benchmarks.outbox.contenders import Contender
from benchmarks.outbox.counted import Counted
from benchmarks.outbox.everyone import everyone

_MEMORY = Path("/proc/self/status")


class Drained(NamedTuple):
    """What it took to empty a table."""

    seconds: float
    """From the first call of a handler until the database owed nothing any more."""
    cpu_seconds: float
    """The processor time that the process took in them."""
    calls: int
    out_of_order: int
    megabytes_before: float
    megabytes: float
    """The most that the process ever had in memory."""


def drain(contender: Contender, url: str, events: int) -> Drained:
    """Let a process of its own handle the *events* that are stored at *url*."""
    # Functions that it is made of cannot be sent to another process; its place among all can.
    number = [each.name + each.kind for each in everyone()].index(contender.name + contender.kind)
    return processes.call(_drain, number, url, events)


def _drain(number: int, url: str, events: int) -> Drained:
    contender = everyone()[number]
    counted = Counted(events * contender.handlers)
    before = _megabytes()
    ended: list[tuple[float, float]] = []
    watcher = Thread(target=lambda: ended.append(_when_over(contender, url, counted)), daemon=True)
    watcher.start()
    contender.work(url, counted)
    watcher.join()
    [(at, cpu)] = ended
    return Drained(
        seconds=at - counted.first,
        cpu_seconds=cpu - counted.first_cpu,
        calls=counted.calls,
        out_of_order=counted.out_of_order,
        megabytes_before=before,
        megabytes=_megabytes(),
    )


def _when_over(contender: Contender, url: str, counted: Counted) -> tuple[float, float]:
    """Return when all were handled, and nothing was owed any more: by the clock, and of the CPU."""
    if contender.owed is None:
        counted.all.wait()
        ended = time.perf_counter(), time.process_time()
    else:
        engine = create_engine(url)
        with engine.connect() as connection:
            counted.all.wait()
            while connection.execute(text(contender.owed)).scalar_one():
                connection.rollback()
                time.sleep(0.001)
            ended = time.perf_counter(), time.process_time()
        engine.dispose()
    counted.over.set()
    return ended


def _megabytes() -> float:
    """Return the most that this process ever had in memory; 0 where the system does not tell."""
    if _MEMORY.exists():
        for line in _MEMORY.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
