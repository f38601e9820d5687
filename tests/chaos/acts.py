"""What goes wrong inside a handler, at a moment that the scenario names."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

ACTS: Final = "acts.jsonl"
"""Where every act is noted."""
_PATIENCE: Final = 60


class ActError(Exception):
    """The handler fails because the scenario says so."""


class HardError(BaseException):
    """The handler raises what no program should catch."""


class Acts:
    """The acts of a scenario, each done at its moment, as often as it says.

    "fail*2" fails twice; without a number it goes on for ever. "wait=name" makes the file
    *name*.reached and goes on when there is a file *name*.go.
    """

    def __init__(self, acts: Mapping[str, str], folder: Path) -> None:
        self._acts = acts
        self._folder = folder

    def play(self, handler: str, moment: str, key: str, seq: int) -> None:
        """Do what is to go wrong at *moment* of this call, if anything is."""
        if not self._acts:
            return
        place = f"{handler}:{moment}:{key}:{seq}"
        if (act := self._acts.get(place)) is None:
            return
        act, _, times = act.partition("*")
        if times and not self._is_wanted(place, int(times)):
            return
        self._note(act, place)
        self._do(act)

    def _is_wanted(self, place: str, times: int) -> bool:
        # Counted in files: the process may be another one by then.
        for number in range(times):
            try:
                (self._folder / f"{place}.{number}").touch(exist_ok=False)
            except FileExistsError:
                continue
            return True
        return False

    def _note(self, act: str, place: str) -> None:
        what = f"handler: {act.partition('=')[0]}"
        line = json.dumps({"at": time.monotonic(), "what": what, "target": place})
        with (self._folder / ACTS).open("a") as acts:
            acts.write(f"{line}\n")

    def _do(self, act: str) -> None:
        name, _, value = act.partition("=")
        match name:
            case "fail":
                raise ActError("the scenario says so")
            case "hard":
                raise HardError("the scenario says so")
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "segfault":
                _segfault()
            case "exit":
                os._exit(7)
            case "hang":
                time.sleep(float(value or _PATIENCE))
            case "wait":
                self._wait(value)
            case _:
                raise ValueError(f"no act is called {act!r}")

    def _wait(self, name: str) -> None:
        (self._folder / f"{name}.reached").touch()
        go = self._folder / f"{name}.go"
        deadline = time.monotonic() + _PATIENCE
        while not go.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        if (self._folder / f"{name}.fails").exists():
            raise ActError("the scenario says so")


def _segfault() -> NoReturn:
    ctypes.string_at(0)
    raise AssertionError
