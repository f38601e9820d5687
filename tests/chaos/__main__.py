"""`python -m tests.chaos`: every scenario, long, and a page about what came of it.

Prints its seed; the same seed strikes the same blows at the same distances.
"""

from __future__ import annotations

import random
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.actors import Nursery
from tests.chaos.backlog import drain_backlog
from tests.chaos.bugs import BUGS, Bug, seeded
from tests.chaos.played import Played, play
from tests.chaos.postgres import ChaosPostgres
from tests.chaos.report import Report
from tests.chaos.scenarios import MARIADB, POSTGRESQL, SCENARIOS, SQLITE
from tests.servers.absence import AbsentError
from tests.servers.mariadb import MariaDB

PAGE = Path(__file__).parents[2] / "docs" / "chaos-results.md"


def main(arguments: Sequence[str]) -> int:
    """Run what *arguments* ask for; return 1 if a promise was broken, or a bug was not found."""
    options = _parsed(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    report = Report(seed, options.minutes)
    with ExitStack() as stack:
        server = ChaosPostgres() if POSTGRESQL in options.database else None
        if server is not None:
            stack.callback(server.remove)
        for part in (_play_all, _play_bugs, _drain_all):
            part(options, seed, server, report)
            if options.write:  # after each: a run that is broken off has a page as well
                PAGE.write_text(report.page(), encoding="utf-8")
    if options.write:
        print(f"wrote {PAGE.relative_to(PAGE.parents[1])}")
    return 0 if report.is_good else 1


def _parsed(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the seed of a run that is to be repeated")
    parser.add_argument("--minutes", type=float, default=1, help="of each storm (1)")
    parser.add_argument("--only", action="append", help="scenarios; all unless given")
    parser.add_argument("--database", action="append", help="sqlite, postgresql, mariadb; all")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="events; 0 for none")
    parser.add_argument("--seeded-bug", action="append", help="only these; see tests/chaos/bugs.py")
    parser.add_argument("--only-bugs", action="store_true", help="nothing but the seeded bugs")
    parser.add_argument("--no-bugs", action="store_true", help="no seeded bugs")
    parser.add_argument("--no-page", dest="write", action="store_false", help="write no page")
    options = parser.parse_args(arguments)
    for name in options.only or ():
        if name not in SCENARIOS:
            parser.error(f"no scenario is called {name!r}: {', '.join(SCENARIOS)}")
    for name in options.seeded_bug or ():
        if name not in BUGS:
            parser.error(f"no bug is called {name!r}: {', '.join(BUGS)}")
    options.database = options.database or _databases()
    return options


def _databases() -> list[str]:
    try:
        MariaDB()
    except AbsentError as absent:
        print(f"left out: {absent}")
        return [SQLITE, POSTGRESQL]
    return [SQLITE, POSTGRESQL, MARIADB]


def _play_all(options: Namespace, seed: int, server: ChaosPostgres | None, report: Report) -> None:
    if options.seeded_bug or options.only_bugs:
        return
    with Nursery() as nursery:
        for name in options.only or SCENARIOS:
            for kind in options.database:
                if kind not in SCENARIOS[name].databases:
                    continue
                seconds = options.minutes * 60
                played = play(SCENARIOS[name], kind, nursery, server, seed=seed, seconds=seconds)
                report.played.append(played)
                _tell(played)


def _play_bugs(options: Namespace, seed: int, server: ChaosPostgres | None, report: Report) -> None:
    for bug in _bugs(options):
        with seeded(bug) as source, Nursery(source) as nursery:
            played = play(
                SCENARIOS[bug.scenario], bug.database, nursery, server, seed=seed, seconds=15
            )
        report.seeded.append((bug, played))
        found = "not found" if played.is_kept else "found"
        print(f"{found:10} {bug.name}: {_what_broke(played)}", flush=True)
        shutil.rmtree(played.folder, ignore_errors=True)


def _drain_all(options: Namespace, seed: int, server: ChaosPostgres | None, report: Report) -> None:
    if not options.backlog or options.only or options.seeded_bug or options.only_bugs:
        return
    with Nursery() as nursery:
        for kind in options.database:
            drained = drain_backlog(kind, nursery, server, events=options.backlog, seed=seed)
            report.drained.append(drained)
            print(drained.line(), flush=True)


def _bugs(options: Namespace) -> Iterator[Bug]:
    if options.no_bugs or (options.only and not options.seeded_bug):
        return
    for name in options.seeded_bug or BUGS:
        if BUGS[name].database in options.database:
            yield BUGS[name]


def _tell(played: Played) -> None:
    result = "kept" if played.is_kept else f"BROKEN {_what_broke(played)} ({played.folder})"
    print(
        f"{played.seconds:6.1f} s  {played.scenario} on {played.database}:"
        f" {played.orders} orders, {played.effects} effects,"
        f" {sum(played.faults.values())} faults, {played.told_again} told again: {result}",
        flush=True,
    )
    if played.is_kept:
        shutil.rmtree(played.folder, ignore_errors=True)


def _what_broke(played: Played) -> str:
    broken = [f"{name} {count}" for name, count in played.broken.items()]
    return ", ".join([*broken, *([played.stuck] if played.stuck else [])]) or "nothing broke"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
