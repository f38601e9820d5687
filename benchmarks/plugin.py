"""What the mypy plugin adds to a run of mypy, over a generated project."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.command import Progress, main
from benchmarks.generated import LINES, PUBLISHING, SUBSCRIBING, write_project
from benchmarks.imports import bytecode_kept
from benchmarks.measure import Effort
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table

MUST = 1.03
AIM = 1.01
ROOT = Path(__file__).parents[1]
NOTE = (
    "Seconds of processor time of mypy and its workers, start to exit. mypy with the plugin and"
    " mypy without it run side by side, so they meet the same noise: x is the median of the pairs'"
    " ratios, half of which lie from low to high. cold: no cache; warm: nothing changed since the"
    " last run; 2 workers: no cache, --num-workers 2."
)
CLOCKS_NOTE = (
    "One more cold run, slower for the clocks. No row contains another. What is asked of mypy is"
    " not all extra: mypy remembers the type of a call until it gets there itself."
)
NO_WORKER = "Failed to establish connection with worker"
Pair = tuple[float, float]
Clocks = dict[str, dict[str, int]]


@dataclass(frozen=True, kw_only=True)
class Mode:
    """A way to run mypy."""

    name: str
    options: tuple[str, ...] = ()
    keeps_cache: bool = False


COLD = Mode(name="cold")
WARM = Mode(name="warm", keeps_cache=True)  # after the cold one, for its cache
WORKERS = Mode(name="2 workers", options=("--num-workers", "2"))
MODES = (COLD, WARM, WORKERS)


class Run(NamedTuple):
    """What came of a run of mypy."""

    output: str
    exit_code: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Side:
    """mypy with a plugin, or without, over the project in *folder*."""

    plugin: str
    folder: Path
    environment: Mapping[str, str]

    def start(self, mode: Mode) -> "subprocess.Popen[str]":
        """Start a run of mypy."""
        return self._start("-m", "mypy", *mode.options, *self._arguments(mode))

    def start_with_clocks(self) -> "subprocess.Popen[str]":
        """Start a cold run of mypy that prints the clocks in the plugin."""
        code = f"from {self.plugin} import run; run(*{self._arguments(COLD)})"
        return self._start("-c", code)

    def _arguments(self, mode: Mode) -> list[str]:
        configuration = self.folder / f"plugin {self.plugin}.ini"
        settings = f"[mypy]\nstrict = True\nplugins = {self.plugin}\n"
        configuration.write_text(settings, encoding="utf-8")
        cache = self.folder / f"cache {self.plugin}"
        if not mode.keeps_cache:
            rmtree(cache, ignore_errors=True)
        return ["--config-file", str(configuration), "--cache-dir", str(cache), "shop"]

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )


def ask(effort: Effort, progress: Progress) -> Answer:
    """Let mypy check a generated project, with the plugin and without."""
    if find_spec("mypy") is None:
        nothing = Table(title="mypy with the plugin", columns=("mypy: not installed",))
        return Answer(figures={"mypy_plugin": []}, tables=[nothing])
    with _project(effort.modules) as (folder, environment):
        ours, bare, clocked = (
            Side(plugin=plugin, folder=folder, environment=environment)
            for plugin in ("typedbus.mypy", "", "benchmarks.clocked")
        )
        progress(f"mypy with clocks in the plugin, {effort.modules} modules")
        # The first run: it writes the bytecode.
        clocks: Clocks = json.loads(_checked(_ended(clocked.start_with_clocks())).output)
        pairs: dict[str, list[Pair]] = {}
        for mode in MODES:
            for number in range(effort.checks):
                progress(f"mypy, {mode.name}, pair {number + 1} of {effort.checks}")
                pairs.setdefault(mode.name, []).append(_pair(ours, bare, mode))
    figures = [_figure(name, taken) for name, taken in pairs.items()]
    return Answer(
        figures={
            "mypy_plugin": figures,
            "mypy_plugin_clocks": [{"what": what, **clock} for what, clock in clocks.items()],
        },
        tables=[_table(figures, effort), _table_of_clocks(clocks)],
        targets=[_target(figure) for figure in figures],
    )


@contextmanager
def _project(modules: int) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a folder with the project in it, and an environment to run mypy in."""
    with TemporaryDirectory() as folder, bytecode_kept() as environment:
        write_project(Path(folder), modules)
        found = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]
        yield Path(folder), {**environment, "PYTHONPATH": os.pathsep.join(found)}


def _pair(ours: Side, bare: Side, mode: Mode, tries: int = 5) -> Pair:
    """Return the seconds of *ours* and of *bare*, run at the same time."""
    runs = [_ended(process) for process in [ours.start(mode), bare.start(mode)]]
    # mypy gives its workers three seconds to start, which may not do on a busy machine.
    if tries and any(NO_WORKER in run.output for run in runs):
        return _pair(ours, bare, mode, tries - 1)
    with_plugin, without = map(_checked, runs)
    return with_plugin.seconds, without.seconds


def _ended(process: "subprocess.Popen[str]") -> Run:
    """Wait for *process* and the children that it waits for."""
    assert process.stdout is not None, "it is started with a pipe"
    with process.stdout as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(output, process.returncode, usage.ru_utime + usage.ru_stime)


def _checked(run: Run) -> Run:
    """Return *run* if mypy found no error."""
    if run.exit_code:
        raise SystemExit(f"mypy ended with {run.exit_code}:\n{run.output}")
    return run


def _figure(mode: str, pairs: Sequence[Pair]) -> Figure:
    ratios = [ours / bare for ours, bare in pairs]
    low, _, high = quantiles(ratios, method="inclusive") if len(ratios) > 1 else ratios * 3
    return {
        "mode": mode,
        "pairs": len(pairs),
        "with_s": round(median(ours for ours, _ in pairs), 3),
        "without_s": round(median(bare for _, bare in pairs), 3),
        "ratio": round(median(ratios), 4),
        "ratio_low": round(low, 4),
        "ratio_high": round(high, 4),
    }


def _table(figures: Sequence[Figure], effort: Effort) -> Table:
    lines, sites = effort.modules * LINES, effort.modules * (SUBSCRIBING + PUBLISHING)
    table = Table(
        title=f"mypy over {effort.modules:,} modules, {lines:,} lines, {sites:,} sites; "
        f"pairs of runs: {effort.checks}",
        columns=("", "with plugin", "without", "x", "low", "high"),
        notes=(NOTE,),
    )
    for figure in figures:
        seconds = (f"{figure[which]:.2f} s" for which in ("with_s", "without_s"))
        ratios = (f"{figure[which]:.3f}" for which in ("ratio", "ratio_low", "ratio_high"))
        table.add(str(figure["mode"]), *seconds, *ratios)
    return table


def _table_of_clocks(clocks: Clocks) -> Table:
    table = Table(
        title="where the plugin's time goes",
        columns=("", "times", "places", "seconds", "us each"),
        notes=(CLOCKS_NOTE,),
    )
    for what, clock in clocks.items():
        times, places, nanoseconds = clock["times"], clock["places"], clock["nanoseconds"]
        each = nanoseconds / times / 1e3
        table.add(what, f"{times:,}", f"{places:,}", f"{nanoseconds / 1e9:.3f}", f"{each:.1f}")
    table.add(
        "all", "", "", f"{sum(clock['nanoseconds'] for clock in clocks.values()) / 1e9:.3f}", ""
    )
    return table


def _target(figure: Figure) -> Target:
    return Target(
        what=f"mypy with the plugin, {figure['mode']}",
        against="without",
        measured=float(figure["ratio"] or 0),
        must=MUST,
        aim=AIM,
        decimals=3,
    )


if __name__ == "__main__":
    main(__doc__ or "", ask)
