"""How fast a table of events is emptied: by our relay, by raw SQL, by queues, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import median

from benchmarks.command import Progress
from benchmarks.outbox.amounts import Amounts
from benchmarks.outbox.contenders import Contender
from benchmarks.outbox.databases import Databases, broker
from benchmarks.outbox.drains import drain
from benchmarks.outbox.everyone import everyone
from benchmarks.outbox.queues import CELERY
from benchmarks.peers import QUEUES, absent
from benchmarks.results import Answer, Figure, Target
from benchmarks.tables import Table

REFERENCE = "pgqueuer"
NOTE = (
    "Each in a process of its own, the table filled before; from the first call of a handler until"
    " the database owes nothing. Events of 250 bytes, 1,000 keys, handlers that do nothing but"
    " count. CPU: of that process, without the database. x pgqueuer: the median of the rounds'"
    " ratios."
)


@dataclass
class Run:
    """What one contender did, round by round."""

    contender: Contender
    url: str
    rates: list[float] = field(default_factory=list)
    """Calls of handlers a second, one figure a round."""
    cpu: list[float] = field(default_factory=list)
    """Microseconds of processor time that a call took of the process, one figure a round."""
    out_of_order: int = 0

    @property
    def median(self) -> float:
        """The median of all rounds."""
        return median(self.rates)

    def ratio_to(self, reference: Run) -> float:
        """Return the median of the ratios that each round gave."""
        return median(ours / its for ours, its in zip(self.rates, reference.rates, strict=True))

    def once(self, events: int) -> None:
        """Fill the table, and let a process empty it."""
        self.contender.fill(self.url, events)
        drained = drain(self.contender, self.url, events)
        self.rates.append(drained.calls / drained.seconds)
        self.cpu.append(drained.cpu_seconds / drained.calls * 1_000_000)
        self.out_of_order += drained.out_of_order


def ask(amounts: Amounts, databases: Databases, progress: Progress) -> Answer:
    """Empty everyone's table, round by round."""
    with broker() as valkey:
        runs = [
            Run(contender, url_for(contender, databases, valkey))
            for contender in everyone()
            if is_here(contender, databases)
        ]
        order = list(runs)
        shuffle = Random(0).shuffle
        for turn in range(amounts.rounds):
            shuffle(order)
            for run in order:
                progress(f"relays, round {turn + 1} of {amounts.rounds}: {run.contender.name}")
                run.once(max(20, round(run.contender.events * amounts.part)))
    return Answer(figures={"relays": _figures(runs)}, tables=[_table(runs)], targets=_targets(runs))


def is_here(contender: Contender, databases: Databases) -> bool:
    """Say whether the server and the library of *contender* are there."""
    missing = absent([each for each in QUEUES if each.distribution == contender.distribution])
    return not missing and contender.kind in [*databases.kinds, CELERY]


def url_for(contender: Contender, databases: Databases, valkey: str) -> str:
    """Return where *contender* stores events, with all that it needs there."""
    url = valkey if contender.kind == CELERY else databases.new(contender.kind)
    contender.prepare(url)
    return url


def _figures(runs: Sequence[Run]) -> list[Figure]:
    reference = _reference(runs)
    return [
        {
            "contender": run.contender.name,
            "on": run.contender.kind,
            "calls_per_second": round(run.median),
            "calls_per_second_most": round(max(run.rates)),
            "calls_per_second_least": round(min(run.rates)),
            "cpu_us_per_call": round(median(run.cpu), 1),
            "ratio_to_pgqueuer": round(run.ratio_to(reference), 3) if reference else None,
            "handlers": run.contender.handlers,
            "out_of_order": run.out_of_order,
        }
        for run in runs
    ]


def _table(runs: Sequence[Run]) -> Table:
    reference = _reference(runs)
    table = Table(
        title="a table of events emptied, calls of handlers a second",
        columns=("", "on", "calls/s", "(most)", "CPU us", "x pgqueuer"),
        notes=(NOTE,),
    )
    for run in runs:
        table.add(
            run.contender.name,
            run.contender.kind,
            f"{run.median:,.0f}",
            f"({max(run.rates):,.0f})",
            f"{median(run.cpu):,.1f}",
            f"{run.ratio_to(reference):,.2f}" if reference else "",
        )
    return table


def _targets(runs: Sequence[Run]) -> list[Target]:
    reference = _reference(runs)
    targets = []
    for run in runs:
        for goal in run.contender.goals:
            against = reference if goal.against_pgqueuer else None
            if goal.against_pgqueuer and reference is None:
                continue
            targets.append(
                Target(
                    what=f"{run.contender.name}, {run.contender.kind}",
                    against="pgqueuer" if against else "-",
                    measured=run.ratio_to(against) if against else run.median,
                    must=goal.must,
                    aim=goal.aim,
                    unit="x" if against else "/s",
                    decimals=2 if against else 0,
                    more_is_better=True,
                )
            )
    return targets


def _reference(runs: Sequence[Run]) -> Run | None:
    return next((run for run in runs if run.contender.distribution == REFERENCE), None)
