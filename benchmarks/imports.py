"""What `import typedbus` adds to the start of a program."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns

from benchmarks.command import Progress, main
from benchmarks.measure import Effort
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table

MUST = 15.0
AIM = 10.0
FIRST_EVENT = "from typedbus import Event\nclass OrderPlaced(Event):\n    order_id: int"
FIRST_SUBSCRIPTION = f"""\
from typedbus import Bus
{FIRST_EVENT}
def handle(event: OrderPlaced) -> None: ...
Bus(Event).subscribe(OrderPlaced, handle)"""
NOTES = (
    "Fresh interpreters from start to exit, by turns: the median of each turn's difference to the",
    "bare one. The first event class imports dataclasses, the first subscription inspect; most",
    "programs have both already. Bytecode is there before the first turn.",
)


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a fresh interpreter runs, and the milliseconds that it took each time."""

    name: str
    code: str
    needs: str = "sys"
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def run(self, environment: Mapping[str, str]) -> None:
        """Start an interpreter, and remember what it took from its start to its end."""
        cpu = _cpu_of_children()
        started = perf_counter_ns()
        _start(self.code, environment)
        self.wall.append((perf_counter_ns() - started) / 1_000_000)
        self.cpu.append(_cpu_of_children() - cpu)


def ask(effort: Effort, progress: Progress) -> Answer:
    """Start interpreters that import typedbus, its parts, and its peers."""
    bare, *others = [program for program in _programs() if find_spec(program.needs)]
    with bytecode_kept() as environment:
        modules = [_modules(program, environment) for program in (bare, *others)]
        for number in range(effort.processes):
            progress(f"import, turn {number + 1} of {effort.processes}")
            for program in (bare, *others):
                program.run(environment)
    table = Table(
        title="import, milliseconds over the bare interpreter",
        columns=("", "cpu ms", "(least)", "wall ms", "modules"),
        notes=NOTES,
    )
    table.add(
        bare.name,
        f"{median(bare.cpu):.1f}",
        f"({min(bare.cpu):.1f})",
        f"{median(bare.wall):.1f}",
        f"{modules[0]}",
    )
    figures: list[Figure] = []
    for program, loaded in zip(others, modules[1:], strict=True):
        added = _added(program.cpu, bare.cpu)
        least = min(program.cpu) - min(bare.cpu)
        wall = _added(program.wall, bare.wall)
        new = loaded - modules[0]
        table.add(program.name, f"+{added:.1f}", f"(+{least:.1f})", f"+{wall:.1f}", f"+{new}")
        figures.append(
            {
                "program": program.name,
                "added_cpu_ms": round(added, 2),
                "added_cpu_ms_least": round(least, 2),
                "added_wall_ms": round(wall, 2),
                "added_modules": new,
            }
        )
    target = Target(
        what="import typedbus, cpu time",
        against="bare Python",
        measured=_added(others[0].cpu, bare.cpu),
        must=MUST,
        aim=AIM,
        unit="ms",
    )
    return Answer(figures={"import": figures}, tables=[table], targets=[target])


def _programs() -> list[Program]:
    return [
        Program(name="the bare interpreter", code="pass"),
        Program(name="import typedbus", code="import typedbus"),
        Program(name="... and a first event class", code=FIRST_EVENT),
        Program(name="... and a first subscription", code=FIRST_SUBSCRIPTION),
        Program(name="import dataclasses", code="import dataclasses"),
        Program(name="import asyncio", code="import asyncio"),
        *(
            Program(name=f"import {peer}", code=f"import {peer}", needs=peer)
            for peer in ("blinker", "pyee", "psygnal", "pluggy", "eventkit", "abxbus")
        ),
    ]


def _added(its: Sequence[float], bare: Sequence[float]) -> float:
    """Return the median of the differences, turn by turn."""
    return median(one - other for one, other in zip(its, bare, strict=True))


def _cpu_of_children() -> float:
    """Return the milliseconds that a processor has worked for all children so far."""
    usage = getrusage(RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1_000


def _modules(program: Program, environment: Mapping[str, str]) -> int:
    """Return how many modules are loaded when *program* is through; writes their bytecode."""
    output = _start(f"import sys\n{program.code}\nprint(len(sys.modules))", environment)
    return int(output)


def _start(code: str, environment: Mapping[str, str]) -> str:
    command = [sys.executable, "-P", "-W", "ignore", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout


@contextmanager
def bytecode_kept() -> Iterator[dict[str, str]]:
    """Give an environment whose interpreters find the bytecode of the one before.

    Whether this machine writes bytecode, or the installer did, is nothing about an import.
    """
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        yield environment


if __name__ == "__main__":
    main(__doc__ or "", ask)
