"""A backlog: a million events that are there before a relay comes, drained while relays die."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from tests.chaos.actors import Starter
from tests.chaos.checker import check
from tests.chaos.played import place_of
from tests.chaos.postgres import ChaosPostgres
from tests.chaos.run import Run, running
from tests.chaos.usual import USUAL, keep_relays

_HANDLERS: Final = ("file",)
_PRODUCERS: Final = 2
_BATCH: Final = 1000
_HOT: Final = 0.5
_KILLS: Final = 5
_PATIENCE: Final = 900


class Drained(NamedTuple):
    """How a backlog went away."""

    database: str
    events: int
    published: float
    """Seconds."""
    drained: float
    """Seconds, with the kills."""
    kills: int
    told_again: int
    memory: int
    """The most that a relay ever had, in MB."""
    broken: dict[str, int]

    def line(self) -> str:
        """Return it in a line."""
        return (
            f"backlog of {self.events:,} on {self.database}: drained in {self.drained:.1f} s with"
            f" {self.kills} kills, {self.told_again} told again, {self.memory} MB,"
            f" broken: {self.broken or 'nothing'}"
        )


def drain_backlog(
    kind: str, starter: Starter, server: ChaosPostgres | None, *, events: int, seed: int
) -> Drained:
    """Publish *events*, half of them of one key; drain them, killing relays at even distances."""
    folder = Path(tempfile.mkdtemp(prefix="typedbus-backlog-"))
    with place_of(kind, server, folder) as place, running(place, folder, starter) as run:
        began = time.monotonic()
        _publish(run, events, seed)
        published = time.monotonic() - began
        began = time.monotonic()
        memory = _drain(run, events)
        drained = time.monotonic() - began
        findings = check(run.history(), USUAL)
    if not findings.broken:
        shutil.rmtree(folder, ignore_errors=True)
    return Drained(
        kind,
        events,
        published,
        drained,
        _KILLS,
        findings.redelivered,
        memory // 1024,
        dict(findings.broken),
    )


def _publish(run: Run, events: int, seed: int) -> None:
    actors = [
        run.producer(
            run.told(f"producer-{number}", handlers=_HANDLERS),
            count=events // _PRODUCERS // _BATCH,
            batch=_BATCH,
            hot=_HOT,
            seed=seed * 100 + number,
        )
        for number in range(_PRODUCERS)
    ]
    run.wait_for_end(*actors, patience=_PATIENCE)


def _drain(run: Run, events: int) -> int:
    kept = keep_relays(run, 2, handlers=_HANDLERS)
    most = 0
    for number in range(_KILLS):
        enough = events * (_KILLS - number) // (_KILLS + 1)
        run.wait_until(
            partial(_is_down_to, run, enough), f"{enough} events are left", patience=_PATIENCE
        )
        holder = run.traces.holder_or_nobody()
        for each in kept:
            most = max(most, _memory(each.actor.pid))
            if each.actor.pid == holder:
                run.did("kill the working relay", each.told.name)
                each.actor.kill()
    run.drain(_PATIENCE)
    return max(most, *(_memory(each.actor.pid) for each in kept))


def _is_down_to(run: Run, enough: int) -> bool:
    return run.traces.pending() <= enough


def _memory(pid: int) -> int:
    """Return the most memory that a process has had, in KB; 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next(
        (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0
    )
