"""The type checkers: how each is run over all case files at once, and how its answer is read."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from tests.static.expectations import Report

HERE: Final = Path(__file__).resolve().parent
CASES: Final = HERE / "cases"

# What pyright reports in strict mode alone. A rule that is missing here is no silent mistake:
# it then counts for the standard mode, where no comment expects it.
STRICT_ONLY: Final = (
    "reportDeprecated",
    "reportMatchNotExhaustive",
    "reportMissingParameterType",
    "reportMissingTypeArgument",
    "reportPrivateUsage",
    "reportUnknown",
    "reportUnnecessary",
    "reportUntyped",
    "reportUnusedClass",
    "reportUnusedFunction",
    "reportUnusedImport",
    "reportUnusedVariable",
)

# JSON of other people's making: nothing here says more of its shape.
Json: TypeAlias = Any
Read: TypeAlias = Callable[[str], Iterator[tuple[str, Report]]]
"""Yields the file and the report of each thing that a checker printed."""


class Checker(NamedTuple):
    """What is run, once, however many modes are read from its answer."""

    module: str
    """What is installed, and run as `python -m`."""
    arguments: tuple[str, ...]
    """Relative to the folder it runs in; `{python}` and `{cache}` are filled in."""


class CheckerFailedError(Exception):
    """A checker gave up before it had checked the cases."""

    def __init__(self, command: list[str], exit_code: int, output: str, /) -> None:
        super().__init__(command, exit_code, output)
        self.command = command
        self.exit_code = exit_code
        self.output = output

    def __str__(self) -> str:
        last = self.output[-2000:]
        return f"`{' '.join(self.command)}` ended with {self.exit_code}; its last words:\n{last}"


def is_installed(checker: Checker) -> bool:
    """Say whether *checker* can be run by this Python."""
    return find_spec(checker.module) is not None


def run(checker: Checker, cache: Path, folder: Path = HERE) -> str:
    """Run *checker* over the case files in *folder* and return what it printed."""
    filled = [each.format(python=sys.executable, cache=cache) for each in checker.arguments]
    command = [sys.executable, "-m", checker.module, *filled]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    # 1 is "there are errors"; above it a checker tells that it could not do its work.
    if done.returncode not in (0, 1):
        raise CheckerFailedError(command, done.returncode, done.stdout + done.stderr)
    return done.stdout


def reports_in(output: str, read: Read) -> Mapping[str, list[Report]]:
    """Return what *output* says about the case files, by the name of the file."""
    found = dict[str, list[Report]]()
    for file, report in read(output):
        path = (HERE / file).resolve()
        if path.parent == CASES:
            found.setdefault(path.name, []).append(report)
    return found


def _read_mypy(output: str) -> Iterator[tuple[str, Report]]:
    for line in output.splitlines():
        item: Json = json.loads(line)
        if item["severity"] == "error":
            yield item["file"], Report(item["line"], item["code"], item["message"])


def _read_pyright_strict(output: str) -> Iterator[tuple[str, Report]]:
    parsed: Json = json.loads(output)
    for item in parsed["generalDiagnostics"]:
        line = item["range"]["start"]["line"] + 1
        yield item["file"], Report(line, item.get("rule", "syntax"), item["message"])


def _read_pyright(output: str) -> Iterator[tuple[str, Report]]:
    for file, report in _read_pyright_strict(output):
        if not report.code.startswith(STRICT_ONLY):
            yield file, report


def _read_ty(output: str) -> Iterator[tuple[str, Report]]:
    parsed: Json = json.loads(output)
    for item in parsed:
        where = item["location"]
        line = where["positions"]["begin"]["line"]
        yield where["path"], Report(line, item["check_name"], item["description"])


def _read_pyrefly(output: str) -> Iterator[tuple[str, Report]]:
    parsed: Json = json.loads(output)
    for item in parsed["errors"]:
        yield item["path"], Report(item["line"], item["name"], item["concise_description"])


_PYRIGHT = Checker(
    "pyright",
    ("--project", "pyrightconfig.json", "--outputjson", "--pythonpath", "{python}"),
)


def _mypy(settings: str) -> Checker:
    options = ("--config-file", settings, "--cache-dir", "{cache}", "--output", "json")
    return Checker("mypy", (*options, "cases"))


BY_NAME: Final[Mapping[str, tuple[Checker, Read]]] = {
    "mypy": (_mypy("mypy.ini"), _read_mypy),
    "mypy-plugin": (_mypy("mypy-plugin.ini"), _read_mypy),
    "pyright": (_PYRIGHT, _read_pyright),
    "pyright-strict": (_PYRIGHT, _read_pyright_strict),
    "ty": (
        Checker(
            "ty",
            ("check", "--python", "{python}", "--output-format", "gitlab", "cases"),
        ),
        _read_ty,
    ),
    "pyrefly": (
        Checker(
            "pyrefly",
            (
                *("check", "--config", "pyrefly.toml", "--output-format", "json"),
                *("--python-interpreter-path", "{python}"),
            ),
        ),
        _read_pyrefly,
    ),
}
