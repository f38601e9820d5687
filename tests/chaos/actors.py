"""Processes of a run: started, stopped, let go on, and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from tests.chaos.telling import Told

ROOT: Final = Path(__file__).parents[2]
_numbers: Final = count(1)


class Starter(Protocol):
    """Starts processes."""

    def start(self, module: str, arguments: Sequence[str], told: Told, ends: Path) -> int:
        """Start *module* as a process that is *told* what it is to do; return its pid.

        What it says goes to `log_of`, and its exit code into the file *ends*.
        """
        ...


class Nursery:
    """A process that has imported all there is, and forks: a start takes no time.

    *source* is the folder of the typedbus that they use; None for the one that is installed.
    """

    def __init__(self, source: Path | None = None) -> None:
        path = [*([str(source)] if source else []), str(ROOT)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery", str(os.getpid())],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        if self._line() != b"ready":
            raise RuntimeError("the nursery did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        with self._process:  # closes its standard input: then it ends, and all that it forked
            pass

    def start(self, module: str, arguments: Sequence[str], told: Told, ends: Path) -> int:
        """Start *module* as a process that is *told* what it is to do; return its pid."""
        order = {
            "module": module,
            "arguments": list(arguments),
            "environment": told.as_environment(),
            "log": str(log_of(told)),
            "exit": str(ends),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._line())

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def log_of(told: Told) -> Path:
    """Return the file that a process writes what it says to."""
    return told.place / f"{told.name}.log"


class Actor:
    """A process of a run."""

    def __init__(self, starter: Starter, module: str, arguments: Sequence[str], told: Told) -> None:
        self.name: Final = told.name
        self.told: Final = told
        self._ends = told.place / f"{told.name}.{next(_numbers)}.exit"
        self.pid: Final = starter.start(module, arguments, told, self._ends)

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not self._ends.exists()

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Stop it where it stands; return when it does."""
        self._signal(signal.SIGSTOP)
        while self.is_alive and self.state() != "T":
            time.sleep(0.002)

    def go_on(self) -> None:
        """Let it go on from where it stands."""
        self._signal(signal.SIGCONT)

    def wait(self, patience: float = 30) -> int:
        """Return its exit code once it has ended; raises `TimeoutError`."""
        deadline = time.monotonic() + patience
        while self.is_alive:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} has not ended: {self.last_words()}")
            time.sleep(0.005)
        return int(self._ends.read_text())

    def last_words(self) -> str:
        """Return the end of what it said."""
        log = log_of(self.told)
        if not log.exists():
            return ""
        return "\n".join(log.read_text(errors="replace").splitlines()[-30:])

    def _signal(self, number: signal.Signals) -> None:
        if self.is_alive:
            os.kill(self.pid, number)

    def show_stacks(self) -> None:
        """Have it write what its threads do to its log."""
        self._signal(signal.SIGUSR1)

    def state(self) -> str:
        """Return how the system sees it: "T" where it is stopped, "X" once it is gone."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return "X"
        return stat.rpartition(")")[2].split()[0]
