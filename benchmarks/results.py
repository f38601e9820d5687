"""What a question answers with: tables to read, figures to keep, targets to judge by."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.async_peers import ASYNC_PEERS
from benchmarks.measure import Effort, Timing
from benchmarks.peers import PEERS, QUEUES, absent
from benchmarks.tables import Table

Figure = dict[str, str | int | float | None]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A number of the blueprint, and what came of it."""

    what: str
    against: str
    measured: float
    must: float
    aim: float
    unit: str = "x"
    decimals: int = 2
    more_is_better: bool = False

    @property
    def reached(self) -> bool:
        """Whether what must be reached is."""
        return self._reaches(self.must)

    @property
    def aim_reached(self) -> bool:
        """Whether what is aimed at is reached."""
        return self._reaches(self.aim)

    def _reaches(self, wanted: float) -> bool:
        return self.measured >= wanted if self.more_is_better else self.measured <= wanted


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that one question found out."""

    figures: dict[str, list[Figure]]
    tables: Sequence[Table]
    targets: Sequence[Target] = ()


def figures_of(timings: Sequence[Timing], **references: Timing) -> list[Figure]:
    """Return one figure a contender, with its ratios to each of *references*."""
    figures = []
    for timing in timings:
        figure: Figure = {
            "contender": timing.contender.name,
            "statement": timing.contender.statement,
            "ns": round(timing.median, 1),
            "ns_least": round(timing.least, 1),
        }
        for name, reference in references.items():
            figure[f"ratio_to_{name}"] = round(timing.ratio_to(reference), 3)
            figure[f"ratio_to_{name}_least"] = round(timing.least_ratio_to(reference), 3)
        figures.append(figure)
    return figures


def table_of_targets(answers: Iterable[Answer]) -> Table:
    """Return the targets of all *answers* beside what was measured."""
    table = Table(
        title="Targets (blueprint 9)",
        columns=("what", "against", "measured", "must", "", "aim", ""),
        notes=(
            "An aim of 1.0 against the bare loop would mean that a call of publish costs nothing.",
        ),
    )
    for answer in answers:
        for target in answer.targets:
            table.add(
                target.what,
                target.against,
                f"{target.measured:,.{target.decimals}f} {target.unit}",
                f"{target.must:,.10g}",
                "reached" if target.reached else "NOT reached",
                f"{target.aim:,.10g}",
                "reached" if target.aim_reached else "not reached",
            )
    return table


def write_json(path: Path, answers: Sequence[Answer], effort: Effort) -> None:
    """Write all figures of *answers* with what is needed to read them later."""
    figures = {name: rows for answer in answers for name, rows in answer.figures.items()}
    targets = [
        {**asdict(target), "reached": target.reached, "aim_reached": target.aim_reached}
        for answer in answers
        for target in answer.targets
    ]
    document = {
        "schema": 1,
        "quick": effort.quick,
        "rounds": effort.rounds,
        "python": python_facts(),
        "machine": machine_facts(),
        "versions": versions(),
        "not_installed": not_installed(),
        "figures": figures,
        "targets": targets,
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def python_facts() -> Figure:
    """Return which Python this is."""
    return {
        "implementation": platform.python_implementation(),
        "version": platform.python_version(),
        "compiler": platform.python_compiler(),
    }


def machine_facts() -> Figure:
    """Return what the machine is, and nothing of whose it is."""
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable,
    }


def versions() -> dict[str, str]:
    """Return the version of typedbus and of each peer that is installed."""
    found = {"typedbus": _own_version()}
    for peer in (*PEERS, *ASYNC_PEERS, *QUEUES):
        if peer.version is not None:
            found[peer.name] = peer.version
    return found


def not_installed() -> list[str]:
    """Return the peers that are missing from the tables."""
    return sorted({*absent(PEERS), *absent(ASYNC_PEERS), *absent(QUEUES)})


def _own_version() -> str:
    try:
        return version("typedbus")
    except PackageNotFoundError:
        return "not installed, from its sources"
