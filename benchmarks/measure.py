"""Times contenders beside each other: many short rounds, everyone in every round.

The machine is shared and noisy, so a time alone says little. Two contenders of one round met
the same noise: their ratio is taken within the round, and its median over all rounds counts.
"""

import gc
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import repeat
from random import Random
from statistics import median
from textwrap import indent
from time import perf_counter_ns
from typing import Any

from benchmarks.workload import AnyHandler, Contender, compile_function

TIMED = """\
{define} timed(turns, clock{names}):
    started = clock()
    for _ in turns:
{statement}
    return clock() - started
"""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to measure."""

    quick: bool
    rounds: int
    share: timedelta
    """How long one contender runs in one round: less than others are given the core for."""
    processes: int
    """How many fresh interpreters a question starts for each of its rows."""
    classes: int
    """How many classes "many classes" means."""
    subscriptions: int
    """Over how many subscriptions the memory of one is averaged."""
    checks: int
    """How often mypy checks the generated project, each way."""
    modules: int
    """How many modules that project has."""
    drains: int
    """How often each relay empties its table."""


FULL = Effort(
    quick=False,
    rounds=500,
    share=timedelta(microseconds=500),
    processes=40,
    classes=100_000,
    subscriptions=1_000,
    checks=15,
    modules=500,
    drains=7,
)
QUICK = Effort(
    quick=True,
    rounds=15,
    share=timedelta(microseconds=200),
    processes=3,
    classes=2_000,
    subscriptions=200,
    checks=1,
    modules=5,
    drains=1,
)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The nanoseconds of one turn of a contender, one figure a round."""

    contender: Contender
    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of all rounds."""
        return median(self.rounds)

    @property
    def least(self) -> float:
        """The quickest round."""
        return min(self.rounds)

    def ratio_to(self, reference: "Timing") -> float:
        """Return the median of the ratios that each round gave."""
        return median(ours / its for ours, its in zip(self.rounds, reference.rounds, strict=True))

    def least_ratio_to(self, reference: "Timing") -> float:
        """Return the quickest round over the quickest round of *reference*."""
        return self.least / reference.least


@dataclass(frozen=True, kw_only=True)
class Step:
    """The next loop to run, and how often it turns."""

    contender: Contender
    timed: AnyHandler
    turns: int

    def run(self) -> Any:
        """Return the nanoseconds taken, or what to await for them."""
        return self.timed(repeat(None, self.turns), perf_counter_ns, **self.contender.arguments)


def measure(contenders: Sequence[Contender], effort: Effort) -> list[Timing]:
    """Time *contenders* side by side."""
    plan = _plan(contenders, effort, "def")
    with _no_collector():
        try:
            step = next(plan)
            while True:
                with step.contender.scope():
                    elapsed = step.run()
                step = plan.send(elapsed)
        except StopIteration as done:
            return _timings(contenders, done.value)


async def measure_async(contenders: Sequence[Contender], effort: Effort) -> list[Timing]:
    """Time *contenders*, whose statements await, side by side in the running event loop."""
    plan = _plan(contenders, effort, "async def")
    with _no_collector():
        try:
            step = next(plan)
            while True:
                with step.contender.scope():
                    elapsed = await step.run()
                step = plan.send(elapsed)
        except StopIteration as done:
            return _timings(contenders, done.value)


def compile_loop(contender: Contender, define: str) -> AnyHandler:
    """Return the timing loop of *contender*, with its statement inlined.

    Each has a code object of its own, as each call in a program has: the interpreter
    specialises it for this contender and no other. The names are locals.
    """
    source = TIMED.format(
        define=define,
        names="".join(f", {name}" for name in contender.arguments),
        statement=indent(contender.statement, " " * 8),
    )
    return compile_function(source, {})


def _plan(
    contenders: Sequence[Contender], effort: Effort, define: str
) -> Generator[Step, int, list[list[float]]]:
    """Say what to run next, be told how long it took: the part that never awaits."""
    loops = [compile_loop(contender, define) for contender in contenders]
    steps = []
    for contender, timed in zip(contenders, loops, strict=True):
        turns = yield from _calibrated(contender, timed, effort.share)
        steps.append(Step(contender=contender, timed=timed, turns=turns))
    rounds: list[list[float]] = [[] for _ in contenders]
    order = list(range(len(steps)))
    shuffle = Random(0).shuffle
    for _ in range(effort.rounds):
        gc.collect()
        # Nobody is always timed behind the same neighbour, with the caches that it left.
        shuffle(order)
        for index in order:
            elapsed = yield steps[index]
            rounds[index].append(elapsed / steps[index].turns)
    return rounds


def _calibrated(
    contender: Contender, timed: AnyHandler, share: timedelta
) -> Generator[Step, int, int]:
    """Return how many turns fill *share*; finding out warms the loop up."""
    wanted = share / timedelta(microseconds=1) * 1_000
    step = Step(contender=contender, timed=timed, turns=1)
    while True:
        elapsed = yield step
        if elapsed >= wanted / 2:
            # Once more: an interruption looks like a slow contender, and too few turns would
            # then time cold caches in every round.
            elapsed = min(elapsed, (yield step), (yield step))
        if elapsed >= wanted / 2:
            return max(1, round(step.turns * wanted / elapsed))
        step = replace(step, turns=step.turns * 2)


def _timings(contenders: Sequence[Contender], rounds: list[list[float]]) -> list[Timing]:
    return [
        Timing(contender=contender, rounds=tuple(times))
        for contender, times in zip(contenders, rounds, strict=True)
    ]


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the garbage collector out of the timed loops; freeze what is there already."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
