"""The ways to run mypy over a folder that changes: cold, with a cache, in workers, as a daemon."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from tests.mypy.processes import MypyFailedError, lines_of_mypy

Run: TypeAlias = Callable[[], list[str]]
"""Runs mypy over the folder as it is now, and returns the lines that it printed, sorted."""
Mode: TypeAlias = Callable[[Path], AbstractContextManager[Run]]


class DaemonRestartedError(Exception):
    """The daemon began anew, which would show nothing of what it remembers."""


@contextmanager
def _cold(folder: Path) -> Iterator[Run]:
    """Keep nothing from run to run."""
    yield lambda: lines_of_mypy(folder, f"--cache-dir={os.devnull}", ".")


@contextmanager
def _cache(folder: Path) -> Iterator[Run]:
    """Keep a cache from run to run."""
    yield lambda: lines_of_mypy(folder, "--cache-dir=.cache", ".")


@contextmanager
def _workers(folder: Path) -> Iterator[Run]:
    """Spread the files over two processes, and keep a cache from run to run."""
    yield lambda: _patiently(folder, "--num-workers=2", "--cache-dir=.cache", ".")


@contextmanager
def _daemon(folder: Path) -> Iterator[Run]:
    """Ask one daemon again and again; should nobody stop it, it ends by itself."""
    status = folder / "status.json"
    pids = set[int]()

    def run() -> list[str]:
        lines = _of_daemon(folder, status, "run", "--timeout=300", "--", ".")
        pids.add(json.loads(status.read_text(encoding="utf-8"))["pid"])
        if len(pids) > 1:
            raise DaemonRestartedError(*lines)
        return [line for line in lines if line != "Daemon started"]

    try:
        yield run
    finally:
        if status.exists():
            _of_daemon(folder, status, "stop")


COLD: Final[Mode] = _cold
MODES: Final[Mapping[str, Mode]] = {"cache": _cache, "workers": _workers, "daemon": _daemon}


def _patiently(folder: Path, *arguments: str) -> list[str]:
    """Run mypy, again if its workers did not start in the three seconds that it gives them.

    That is how a busy machine is; what workers find is what is tested.
    """
    for _ in range(9):
        try:
            return lines_of_mypy(folder, *arguments)
        except MypyFailedError as error:
            if "establish connection with worker" not in error.output:
                raise
    return lines_of_mypy(folder, *arguments)


def _of_daemon(folder: Path, status: Path, *arguments: str) -> list[str]:
    return lines_of_mypy(folder, f"--status-file={status}", *arguments, program="mypy.dmypy")
