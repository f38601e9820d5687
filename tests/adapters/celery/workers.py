"""Worker processes, started and ended by tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.adapters.celery.shop import Setting

T = TypeVar("T")
ROOT = Path(__file__).parents[3]


def until(look: Callable[[], T], within: float = 20) -> T:
    """Return what *look* finds as soon as it is true; fail after *within* seconds."""
    end = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s, but {found!r}")
        time.sleep(0.02)
    return found


class WorkerProcess:
    """`celery worker` in a process group of its own, its log in a file."""

    def __init__(self, setting: Setting, log: Path, *, program: str = "program", pool: str) -> None:
        self.log = log
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, str(Path(__file__).with_name("launch.py"))),
                    *("-A", f"tests.adapters.celery.{program}", "worker", "-l", "INFO"),
                    *("-P", pool, "-c", "2", "--without-gossip", "--without-mingle"),
                    *("--without-heartbeat", "-n", f"{log.stem}@{setting.prefix}"),
                ],
                cwd=ROOT,
                env={**os.environ, **setting.environment, "PYTHONPATH": f"{ROOT}/src"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def said(self, text: str) -> bool:
        """Say whether *text* is in the log."""
        return text in self.log.read_text("utf-8")

    def is_ready(self) -> bool:
        """Say whether it takes messages; fail if it is gone."""
        assert self._process.poll() is None, self.log.read_text("utf-8")
        return self.said(" ready.")

    def kill(self) -> None:
        """Kill it and its children, as a machine that goes down does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Self:
        until(self.is_ready)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self.kill()
