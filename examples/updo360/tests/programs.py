"""The project as it runs in production: a server, a worker, each in a process of its own."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen, run
from typing import TypeVar

T = TypeVar("T")


class Process:
    """A process that runs, and its log."""

    def __init__(self, popen: Popen[bytes], log: Path) -> None:
        self._popen = popen
        self._log = log
        self.id = popen.pid

    def says(self, pattern: str) -> str:
        """Wait until *pattern* is in the log and return what is found there."""
        return wait_for(lambda: self._said(pattern))[0]

    def _said(self, pattern: str) -> re.Match[str] | None:
        text = self._log.read_text()
        assert self._popen.poll() is None, text
        return re.search(pattern, text)


class Program:
    """The commands of the README, on a database and with a broker of the test's choice."""

    def __init__(self, folder: Path, broker: str) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "updo360.settings",
            "UPDO360_DATABASE": str(folder / "updo360.sqlite3"),
            "UPDO360_BROKER": broker,
        }

    def migrate(self) -> None:
        """Make the tables."""
        command = [sys.executable, "-m", "django", "migrate", "--run-syncdb"]
        run(command, env=self._environment, check=True, capture_output=True)

    @contextmanager
    def server(self) -> Iterator[Process]:
        """Run the server on a free port."""
        with self._running("django", "runserver", "--noreload", "127.0.0.1:0") as process:
            yield process

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """Run a worker; it is as ready as can be when it says so."""
        quick = ("--pool=solo", "--without-mingle", "--without-gossip", "--without-heartbeat")
        with self._running(
            "celery", "-A", "updo360.celery", "worker", "-l", "INFO", *quick
        ) as process:
            yield process

    @contextmanager
    def _running(self, module: str, *arguments: str) -> Iterator[Process]:
        log = self._folder / f"{module}.log"
        command = [sys.executable, "-m", module, *arguments]
        with log.open("w") as output:
            popen = Popen(command, stdout=output, stderr=STDOUT, env=self._environment)
        try:
            yield Process(popen, log)
        finally:
            popen.kill()
            popen.wait()


def wait_for(look: Callable[[], T | None]) -> T:
    """Return what *look* finds as soon as it finds anything."""
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline, "not within a minute"
        time.sleep(0.05)
    return found
