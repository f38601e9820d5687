"""The releases of mypy that `make test` installs beside this Python, each in its own folder."""

import sys
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parents[2]
_PINS: Final = [
    Requirement(line)
    for name in ("mypys.txt", "dev.txt")
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    if line.startswith("mypy==")
]


def _releases(pins: list[Requirement]) -> list[Version]:
    return sorted(Version(each.version) for pin in pins for each in pin.specifier)


ALL_RELEASES: Final = _releases(_PINS)
"""Those of every Python."""
RELEASES: Final = _releases([pin for pin in _PINS if not pin.marker or pin.marker.evaluate()])
"""Those of this Python."""
OLDEST: Final = RELEASES[0]
NEWEST: Final = RELEASES[-1]


def folder_of(release: Version) -> Path:
    """Return the folder to import *release* from, or skip the test if it is not there."""
    folder = Path(sys.prefix) / "mypys" / str(release)
    if not folder.is_dir():
        pytest.skip(f"mypy {release}: not installed; `make test` installs it")
    return folder
