"""The case files, and what mypy says of them, with the plugin and without it."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.mypy.findings import Finding, reported_in
from tests.mypy.processes import lines_of_mypy

HERE: Final = Path(__file__).resolve().with_name("cases")
FILES: Final = sorted(path.name for path in HERE.glob("*.py"))

_NEEDS_PYTHON = re.compile(r"_py3(?P<minor>\d+)\.py$")
# Says of a right line how mypy reports it without the plugin.
_MYPY_ALONE = re.compile(r"  # mypy alone: (?P<codes>\[.*\])$")
_CODE = re.compile(r"\[([a-z-]+)\]")


def source_of(file: str) -> str:
    """Return the text of a case file."""
    return (HERE / file).read_text(encoding="utf-8")


def why_not(file: str) -> str | None:
    """Return what this Python lacks that *file* needs, None if it lacks nothing."""
    needed = _NEEDS_PYTHON.search(file)
    if needed and sys.version_info < (3, int(needed["minor"])):
        return f"{file}: needs Python 3.{needed['minor']}"
    return None


def reported(cache: Path, *, with_plugin: bool = True) -> list[Finding]:
    """Run mypy once over all files that this Python can have; return what it reports."""
    configuration = HERE / "mypy.ini"
    if not with_plugin:
        text = configuration.read_text(encoding="utf-8")
        configuration = cache / "alone.ini"
        configuration.write_text(text.replace("plugins =", "# plugins ="), encoding="utf-8")
    files = [file for file in FILES if why_not(file) is None]
    options = (f"--config-file={configuration}", f"--cache-dir={cache}")
    return reported_in(lines_of_mypy(HERE, *options, *files))


def false_alarms_in(source: str) -> Mapping[int, Sequence[str]]:
    """Return the right lines of *source* that mypy alone reports, with the codes it gives."""
    return {
        number: _CODE.findall(match["codes"])
        for number, line in enumerate(source.splitlines(), start=1)
        if (match := _MYPY_ALONE.search(line))
    }
