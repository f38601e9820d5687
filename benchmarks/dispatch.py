"""How near `publish` and `await publish` come to the loop that one would write by hand."""

import asyncio
from collections.abc import Sequence

from benchmarks import loops, ours
from benchmarks.async_peers import ASYNC_PEERS
from benchmarks.command import Progress, main
from benchmarks.measure import Effort, Timing, measure, measure_async
from benchmarks.peers import PEERS, present
from benchmarks.results import Answer, Figure, Target, figures_of
from benchmarks.tables import Table
from benchmarks.workload import Contender, Workload

COUNTS = (1, 5, 50)
# Against the hand-written loop, from the blueprint, section 9.
PUBLISH_MUST = {1: 1.6, 5: 1.2, 50: 1.05}
AWAIT_MUST = {1: 1.25, 5: 1.1}
AIM = 1.0
HOW_TO_READ = (
    "(a) the bare loop stands in the timing loop itself: no call, nobody publishes so.",
    "(b) the same loop in a function that the timing loop calls: what a person would write.",
)
PEERS_USED = (
    "A peer's handlers take what it passes (Django: event, **kwargs). blinker is sent the event",
    "as the sender. abxbus makes an event each time, and cannot publish without awaiting.",
)


def ask(effort: Effort, progress: Progress) -> Answer:
    """Publish to 1, 5 and 50 handlers, plainly and awaiting."""
    figures: dict[str, list[Figure]] = {"publish": [], "await_publish": []}
    tables = []
    targets: list[Target] = []
    for count in COUNTS:
        progress(f"publish, {count} handlers")
        timings = measure(contenders(Workload(count=count)), effort)
        figures["publish"] += _figures(timings, count)
        tables.append(_table(f"publish, {_handlers(count)}", timings, HOW_TO_READ))
        targets += _targets(f"publish, {_handlers(count)}", timings, PUBLISH_MUST.get(count))
    for count in COUNTS:
        progress(f"await publish, {count} handlers")
        timings = asyncio.run(_measure_async(Workload(count=count), effort))
        figures["await_publish"] += _figures(timings, count)
        tables.append(_table(f"await publish, {_handlers(count)}", timings, PEERS_USED))
        targets += _targets(f"await publish, {_handlers(count)}", timings, AWAIT_MUST.get(count))
    return Answer(figures=figures, tables=tables, targets=targets)


def contenders(workload: Workload) -> list[Contender]:
    """Return everyone who can call plain handlers; the two references come first."""
    own = [loops.bare_loop, loops.loop_in_function, ours.bus, loops.naive_bus]
    peers = [peer.prepare(workload) for peer in present(PEERS)]
    return [*(prepare(workload) for prepare in own), *peers, loops.nothing(workload)]


def async_contenders(workload: Workload) -> list[Contender]:
    """Return everyone who can await handlers; the two references come first."""
    own = [
        loops.bare_async_loop,
        loops.async_loop_in_function,
        ours.async_bus,
        loops.naive_async_bus,
    ]
    peers = [peer.prepare(workload) for peer in present(ASYNC_PEERS)]
    return [*(prepare(workload) for prepare in own), *peers, loops.nothing(workload)]


async def _measure_async(workload: Workload, effort: Effort) -> list[Timing]:
    everyone = async_contenders(workload)
    timings = await measure_async(everyone, effort)
    for contender in everyone:
        if contender.close is not None:
            await contender.close()
    return timings


def _figures(timings: Sequence[Timing], count: int) -> list[Figure]:
    bare, function = timings[:2]
    figures = figures_of(timings, bare_loop=bare, function=function)
    return [{"handlers": count, **figure} for figure in figures]


def _table(title: str, timings: Sequence[Timing], notes: Sequence[str]) -> Table:
    bare, function = timings[:2]
    table = Table(
        title=title,
        columns=("", "ns", "x (a) bare", "(least)", "x (b) function", "(least)"),
        notes=notes,
    )
    for timing in timings:
        table.add(
            timing.contender.name,
            f"{timing.median:,.0f}",
            f"{timing.ratio_to(bare):,.2f}",
            f"({timing.least_ratio_to(bare):,.2f})",
            f"{timing.ratio_to(function):,.2f}",
            f"({timing.least_ratio_to(function):,.2f})",
        )
    return table


def _targets(what: str, timings: Sequence[Timing], must: float | None) -> list[Target]:
    if must is None:
        return []
    bare, function, typedbus = timings[:3]
    return [
        Target(what=what, against=name, measured=typedbus.ratio_to(reference), must=must, aim=AIM)
        for name, reference in (("(a) bare loop", bare), ("(b) function", function))
    ]


def _handlers(count: int) -> str:
    return "1 handler" if count == 1 else f"{count} handlers"


if __name__ == "__main__":
    main(__doc__ or "", ask)
