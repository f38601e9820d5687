"""One run: its database, its processes, what was done to them, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, insert, text

from tests.chaos.actors import Actor, Starter
from tests.chaos.checker import Findings, Promises, check
from tests.chaos.history import Fault, History
from tests.chaos.places import Place
from tests.chaos.proxy import Proxy
from tests.chaos.tables import Base, Key
from tests.chaos.telling import Told
from tests.chaos.traces import Traces
from typedbus.adapters.sqlalchemy import Outbox

PATIENCE: Final = 60
KEYS: Final = 8
_ACTIVITY: Final = (
    "SELECT pid, application_name, state, wait_event_type, wait_event, pg_blocking_pids(pid),"
    " clock_timestamp() - state_change AS since, query FROM pg_stat_activity"
    " WHERE datname = current_database()"
)


class Run:
    """Processes on one database, in a folder of their own."""

    def __init__(self, place: Place, folder: Path, starter: Starter) -> None:
        self.place: Final = place
        self.folder: Final = folder
        self.faults: list[Fault] = []
        self._starter = starter
        self._actors: list[Actor] = []
        self._kept: list[Kept] = []
        self._wave = 0
        self._doors: list[Proxy] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.engine: Final[Engine] = create_engine(place.url, pool_pre_ping=True)
        self.traces: Final = Traces(self.engine, folder)
        if place.kind == "sqlite":
            with self.engine.connect() as connection:
                # Kept in the file: readers and the one writer do not wait for each other.
                connection.execute(text("PRAGMA journal_mode = WAL"))
        Outbox(self.engine, Base.metadata)
        Base.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            rows = [{"name": f"k{number}", "seq": 0} for number in range(KEYS)]
            connection.execute(insert(Key), rows)

    def told(self, name: str, **differently: Any) -> Told:  # Any: whatever `Told` has
        """Return what a process called *name* is told, in this run."""
        return Told(
            **{"url": self.place.url, "folder": str(self.folder), "name": name} | differently
        )

    def door(self) -> Proxy:
        """Return a new door to the database, shut when the run is over."""
        door = self.place.door()
        self._doors.append(door)
        return door

    def relay(self, told: Told) -> Actor:
        """Start a relay."""
        return self.start("tests.chaos.relaying", [], told)

    def keep_relay(self, told: Told) -> Kept:
        """Start a relay, and start it again when it has ended, as a supervisor does."""
        kept = Kept(self, told)
        self._kept.append(kept)
        return kept

    def producer(self, told: Told, **options: float) -> Actor:
        """Start a producer: `count=`, `seed=`, `pause=`, and what else it takes."""
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return self.start("tests.chaos.producing", words, told)

    def produce(
        self, count: int, *, producers: int = 2, pause: float = 0, **differently: Any
    ) -> None:
        """Have some producers make *count* orders each, and wait for them."""
        self._wave += 1
        actors = [
            self.producer(
                self.told(f"producer-{self._wave}-{number}", **differently),
                count=count,
                seed=self._wave * 100 + number,
                pause=pause,
            )
            for number in range(producers)
        ]
        self.wait_for_end(*actors)

    def wait_for_end(self, *actors: Actor, patience: float = PATIENCE) -> None:
        """Return once *actors* have ended."""
        for actor in actors:
            self.wait_until(partial(_has_ended, actor), f"{actor.name} has ended", patience)

    def start(self, module: str, arguments: Sequence[str], told: Told) -> Actor:
        """Start a process of this run."""
        actor = Actor(self._starter, module, arguments, told)
        self._actors.append(actor)
        return actor

    def did(self, what: str, target: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(time.monotonic(), what, target))

    def wait_for(self, name: str, patience: float = PATIENCE) -> None:
        """Return once a handler has reached the moment of the act "wait=*name*"."""
        self.wait_until((self.folder / f"{name}.reached").exists, f"{name} is reached", patience)

    def let_go(self, name: str) -> None:
        """Let a handler go on that waits by the act "wait=*name*"."""
        (self.folder / f"{name}.go").touch()

    def wait_until(
        self, it_is_so: Callable[[], bool], what: str, patience: float = PATIENCE
    ) -> None:
        """Return once *it_is_so*; raises `TimeoutError` that says *what* is not."""
        deadline = time.monotonic() + patience
        while not it_is_so():
            self.tend()
            if time.monotonic() > deadline:
                self._look_around()
                raise TimeoutError(f"not so after {patience} s: {what}\n{self.last_words()}")
            time.sleep(0.02)

    def now(self) -> float:
        """Return the time in seconds, by a clock that nobody puts forward or back."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Let things happen for a while."""
        deadline = time.monotonic() + seconds
        self.wait_until(lambda: time.monotonic() > deadline, "time passes")

    def tend(self) -> None:
        """Start again what is kept and has ended."""
        for kept in self._kept:
            kept.tend()

    def drain(self, patience: float = PATIENCE) -> float:
        """Return when nothing is owed but dead letters and what they block, and after how long."""
        began = time.monotonic()
        self.wait_until(self.traces.is_drained, "all is handled", patience)
        return time.monotonic() - began

    def history(self) -> History:
        """Return what happened until now."""
        return self.traces.history(self.faults)

    def check(self, promises: Promises) -> Findings:
        """Return what the checker says of the history, which is kept in the folder."""
        history = self.history()
        history.write(self.folder / "history.json")
        return check(history, promises)

    def last_words(self) -> str:
        """Return the end of what each process said."""
        return "\n".join(f"--- {actor.name}\n{actor.last_words()}" for actor in self._actors)

    def close(self) -> None:
        """End every process, shut every door."""
        (self.folder / "stop").touch()
        self._kept.clear()
        for actor in self._actors:
            actor.go_on()
            actor.kill()
        for door in self._doors:
            door.close()
        self.engine.dispose()

    def _look_around(self) -> None:
        """Leave in the folder what everybody does, for those who ask why nothing happens."""
        for actor in self._actors:
            actor.show_stacks()
        if self.place.kind == "postgresql":
            with self.engine.connect() as connection:
                rows = connection.execute(text(_ACTIVITY)).all()
            (self.folder / "activity.txt").write_text("\n".join(map(str, rows)))


def _has_ended(actor: Actor) -> bool:
    return not actor.is_alive


class Kept:
    """A relay that is started again when it has ended."""

    def __init__(self, run: Run, told: Told) -> None:
        self._run = run
        self.told = told
        """What it is told when it starts again; another version of it may be another program."""
        self.actor: Actor = run.relay(told)
        self.restarts = 0

    def tend(self) -> None:
        """Start it again if it has ended."""
        if not self.actor.is_alive:
            self.actor = self._run.relay(self.told)
            self.restarts += 1


@contextmanager
def running(place: Place, folder: Path, starter: Starter) -> Iterator[Run]:
    """Give a run, and end all its processes afterwards."""
    run = Run(place, folder, starter)
    try:
        yield run
    finally:
        with suppress(OSError):
            run.close()
