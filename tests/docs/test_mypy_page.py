"""docs/how-to/mypy.md: its settings do what it says, and it has every code."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, Block, read

pytest.importorskip("mypy", reason="mypy: not installed")

PAGE = read(DOCS / "how-to" / "mypy.md")
SETTINGS = [
    block for block in PAGE.blocks if block.title in ("mypy.ini", "pyproject.toml", "setup.cfg")
]
STOPS, STOPPED = next(pair for pair in pairwise(PAGE.blocks) if pair[0].title == "stops mypy")

SHOP = """
from typedbus import Bus, Event

class UserCreated(Event): ...
class OrderPlaced(Event): ...

def welcome(event: UserCreated) -> None: ...

Bus().subscribe(OrderPlaced, welcome)
"""

TESTS = """
from typing import Any

from typedbus import Bus, Event

def note(event: Any) -> None: ...

Bus().subscribe(Event, note)
"""


@pytest.mark.parametrize("settings", SETTINGS, ids=[f"line {each.line}" for each in SETTINGS])
def test_each_configuration_switches_the_plugin_on(settings: Block, tmp_path: Path) -> None:
    """Also the one that goes on to switch a code off for tests."""
    (tmp_path / settings.title).write_text(settings.source, encoding="utf-8")

    said = mypy_says(tmp_path)

    codes = re.findall(r"\[([\w-]+)\]$", said.stdout, re.MULTILINE)
    in_tests = [] if "event-untyped" in settings.source else ["event-untyped"]
    assert sorted(codes) == ["event-mismatch", *in_tests], said.stdout + said.stderr


def test_a_configuration_that_names_a_code_names_the_plugin_too(tmp_path: Path) -> None:
    """Or mypy stops with the words on the page."""
    (tmp_path / "mypy.ini").write_text(STOPS.source, encoding="utf-8")

    said = mypy_says(tmp_path)

    assert (said.returncode, said.stderr) == (2, STOPPED.source)


def test_each_code_of_the_plugin_is_on_the_page() -> None:
    """In the table, and below a line that is refused with it."""
    from mypy.errorcodes import error_codes

    from typedbus.mypy import messages  # noqa: F401 - it brings the codes

    ours = {code for code in error_codes if code.startswith("event-")}
    answers = [text for block, text in PAGE.answers if block.refused]

    assert set(re.findall(r"^\| \[`([\w-]+)`\]", PAGE.text, re.MULTILINE)) == ours
    assert set(re.findall(r"\[([\w-]+)\]$", "\n".join(answers), re.MULTILINE)) == ours


def mypy_says(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy in *folder*, with the settings there, on a shop and its tests."""
    (folder / "shop.py").write_text(SHOP, encoding="utf-8")
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    (folder / "tests" / "test_shop.py").write_text(TESTS, encoding="utf-8")
    cache = ROOT / ".mypy_cache" / "docs-settings"
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), "shop.py", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
