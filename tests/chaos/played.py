"""What came of a play, and how it is played: on which database, by which processes."""

from __future__ import annotations

import inspect
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.chaos.actors import Starter
from tests.chaos.checker import Promises, check, takeovers
from tests.chaos.places import Place, SQLitePlace, mariadb_place, postgres_place
from tests.chaos.postgres import ChaosPostgres
from tests.chaos.run import running
from tests.chaos.scenarios import MARIADB, POSTGRESQL, Scenario

DEATHS: Final = ("kill the working relay",)


class Played(NamedTuple):
    """What came of one play of a scenario."""

    scenario: str
    summary: str
    database: str
    seed: int
    seconds: float
    orders: int
    effects: int
    told_again: int
    by_former: int
    dead: int
    faults: Mapping[str, int]
    takeovers: Sequence[float]
    broken: Mapping[str, int]
    """How often each promise was broken."""
    stuck: str | None
    """What did not come in time, if the play did not come to its end."""
    folder: Path

    @property
    def is_kept(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken and self.stuck is None


@contextmanager
def place_of(kind: str, server: ChaosPostgres | None, folder: Path) -> Iterator[Place]:
    """Give a new database of that kind."""
    if kind == POSTGRESQL:
        assert server is not None
        with postgres_place(server) as place:
            yield place
    elif kind == MARIADB:
        with mariadb_place() as place:
            yield place
    else:
        yield SQLitePlace(folder / "shop.sqlite")


def play(
    scenario: Scenario,
    kind: str,
    starter: Starter,
    server: ChaosPostgres | None,
    *,
    seed: int,
    seconds: float,
) -> Played:
    """Play *scenario* on a new database, and return what the checker says."""
    folder = Path(tempfile.mkdtemp(prefix=f"typedbus-{scenario.name}-"))
    began = time.monotonic()
    promises, stuck = Promises(), None
    with place_of(kind, server, folder) as place, running(place, folder, starter) as run:
        try:
            promises = scenario.play(run, **_wanted(scenario.play, seed=seed, seconds=seconds))
        except (TimeoutError, AssertionError) as error:
            stuck = (str(error).splitlines() or [repr(error)])[0]
            (folder / "stuck.txt").write_text(traceback.format_exc())
        history = run.history()
    history.write(folder / "history.json")
    findings = check(history, promises)
    # A play that is stuck says what it promises to nobody; what it lost shows as unfinished.
    return Played(
        scenario=scenario.name,
        summary=scenario.summary,
        database=kind,
        seed=seed,
        seconds=time.monotonic() - began,
        orders=len(history.orders),
        effects=len(history.handled),
        told_again=findings.redelivered,
        by_former=len(findings.by_former),
        dead=len(findings.dead),
        faults=Counter(fault.what for fault in history.faults),
        takeovers=takeovers(history, DEATHS),
        broken=findings.broken,
        stuck=stuck,
        folder=folder,
    )


def _wanted(function: Callable[..., Any], **offered: float) -> dict[str, float]:
    """Return those of *offered* that *function* takes."""
    takes = inspect.signature(function).parameters
    return {name: value for name, value in offered.items() if name in takes}
