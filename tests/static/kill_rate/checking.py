"""The checkers, and the folder that each of them reads."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.static.checkers import HERE, Checker, run
from tests.static.expectations import CHECKERS, PLUGIN
from tests.static.kill_rate.sources import ROOT

ASKED: Final = tuple(sorted(CHECKERS, key=lambda name: name != PLUGIN))
"""Every checker by its name, first the one that must refuse everything."""

_SETTINGS: Final = ("*.ini", "*.toml", "*.json")
# What others have written is checked once and not every time, beside the cache of `make lint`.
_CACHE: Final = ROOT / ".mypy_cache" / "kill_rate"


def prepare(folder: Path, files: Mapping[str, str]) -> None:
    """Make *folder* look as the project does, with *files* in the place of `tests/static/cases`."""
    here = _here(folder)
    here.mkdir(parents=True)
    (folder / "src").symlink_to(ROOT / "src")
    for pattern in _SETTINGS:
        for settings in HERE.glob(pattern):
            shutil.copy(settings, here)
    for path, source in files.items():
        file = here / "cases" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")


def run_in(folder: Path, checker: Checker) -> str:
    """Return what *checker* prints in a folder that was prepared."""
    settings = next(each for each in checker.arguments if not each.startswith("-"))
    return run(checker, _CACHE / settings, _here(folder))


def _here(folder: Path) -> Path:
    return folder / HERE.relative_to(ROOT)
