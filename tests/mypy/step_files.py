"""Scenarios in steps: files that change, and what mypy reports after each change.

Each folder of `steps/` is one scenario. Step 1 takes its `*.py`; step 2 replaces those of which
there is a `*.py.2`, and so on.
"""

import os
import re
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

from tests.mypy.findings import Finding, expected_in

HERE: Final = Path(__file__).resolve().with_name("steps")
SCENARIOS: Final = sorted(path.name for path in HERE.iterdir() if path.is_dir())

_NAME = re.compile(r"(?P<name>.*\.py)(?:\.(?P<step>\d+))?$")


class _File(NamedTuple):
    name: str
    """Relative to the folder that holds all scenarios."""
    step: int
    """The step that writes it."""
    text: str


def last_step() -> int:
    """Return the number of the last step of the longest scenario."""
    return max(file.step for scenario in SCENARIOS for file in _files_of(scenario))


def write_step(step: int, folder: Path, scenarios: Sequence[str] = SCENARIOS) -> None:
    """Write into *folder* what changes with *step* in *scenarios*, the configuration with 1."""
    changed = [file for each in scenarios for file in _files_of(each) if file.step == step]
    if step == 1:
        changed.append(_File("mypy.ini", 1, _configuration(scenarios)))
    for name, _, text in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        # mypy takes a file of the same size and of the same second for unchanged.
        os.utime(path, (1_000_000_000 + step,) * 2)


def expected_at(step: int, scenario: str) -> list[Finding]:
    """Return what the comments of *scenario* expect at *step*, or at its last if that is past."""
    files = sorted(_files_of(scenario), key=lambda file: file.step)
    step = min(step, files[-1].step)
    newest = {file.name: file.text for file in files if file.step <= step}
    return [finding for name, text in newest.items() for finding in expected_in(name, text, step)]


def _configuration(scenarios: Sequence[str]) -> str:
    """Return the configuration without what it says of other scenarios."""
    read = ConfigParser(interpolation=None)
    read.read(HERE / "mypy.ini", encoding="utf-8")
    others = {f"mypy-{each}.*" for each in SCENARIOS} - {f"mypy-{each}.*" for each in scenarios}
    for section in others:
        read.remove_section(section)
    written = StringIO()
    read.write(written)
    return written.getvalue()


def _files_of(scenario: str) -> Iterator[_File]:
    for path in (HERE / scenario).rglob("*"):
        match = _NAME.match(path.relative_to(HERE).as_posix())
        if match:
            yield _File(match["name"], int(match["step"] or 1), path.read_text(encoding="utf-8"))
