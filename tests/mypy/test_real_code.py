"""Code without typedbus, and our own: the plugin reports nothing that is right."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.mypy.findings import differences
from tests.mypy.processes import lines_of_mypy

ROOT = Path(__file__).parents[2]
LOOK_ALIKES = Path(__file__).with_name("look_alikes.py")
# Large, typed and strict, or with methods called on, publish, subscribe, stream and wait_for.
PACKAGES = ["abxbus", "fastapi", "httpx2", "pydantic", "pyee", "starlette", "uvicorn"]
CONFIGURATION = """\
[mypy]
plugins = {plugins}
strict = True

[mypy-abxbus.*]
follow_untyped_imports = True
"""
ON_PURPOSE = "# the mistake under test"


def test_of_code_without_typedbus_mypy_says_with_the_plugin_what_it_says_without(
    tmp_path: Path,
) -> None:
    """Nothing more, for nothing there is ours, and nothing less: the plugin hides no error."""
    for package in PACKAGES:
        if find_spec(package) is None:
            pytest.skip(f"{package}: not installed")
    (tmp_path / LOOK_ALIKES.name).write_bytes(LOOK_ALIKES.read_bytes())

    with_plugin = _lines_of_mypy(tmp_path, plugins="typedbus.mypy")
    without = _lines_of_mypy(tmp_path, plugins="")

    assert not differences(with_plugin, without)
    assert _files_checked(without) > 250
    assert not [line for line in without if line.startswith("look_alikes.py")]


def test_our_own_code_is_checked_with_the_plugin() -> None:
    """`make lint` runs the plugin over every folder that has Python in it."""
    settings = _own_configuration()["mypy"]

    checked = set(settings["files"].split(", "))
    folders = [folder for folder in ROOT.iterdir() if not folder.name.startswith(".")]

    assert settings["plugins"] == "typedbus.mypy"
    assert checked == {folder.name for folder in folders if any(folder.rglob("*.py"))}


def test_our_own_code_ignores_what_the_plugin_says_only_in_tests_of_that_mistake() -> None:
    """A right line that is reported would be a bug of the plugin, and is not to be silenced."""
    silenced = [*_lines_that_silence_the_plugin()]

    assert silenced
    assert [line for line in silenced if "tests/" not in line.partition(":")[0]] == []
    assert [line for line in silenced if not line.endswith(ON_PURPOSE)] == []


def _lines_of_mypy(folder: Path, *, plugins: str) -> list[str]:
    configuration = folder / "mypy.ini"
    configuration.write_text(CONFIGURATION.format(plugins=plugins), encoding="utf-8")
    # It stays, beside that of `make lint`: without it this takes half a minute.
    cache = ROOT / ".mypy_cache" / "real_code" / f"plugins {plugins}"
    packages = [part for package in PACKAGES for part in ("-p", package)]
    return lines_of_mypy(folder, f"--cache-dir={cache}", *packages, "-m", LOOK_ALIKES.stem)


def _files_checked(lines: list[str]) -> int:
    """Return the number in the last words of mypy: `... (checked 302 source files)`."""
    (number,) = re.findall(r"checked (\d+) source files", "\n".join(lines))
    return int(number)


def _own_configuration() -> ConfigParser:
    configuration = ConfigParser()
    configuration.read(ROOT / "mypy.ini", encoding="utf-8")
    return configuration


def _lines_that_silence_the_plugin() -> Iterator[str]:
    """Yield each line of ours, with its file, that names a code of the plugin to ignore it."""
    settings = _own_configuration()["mypy"]
    for folder in settings["files"].split(", "):
        for file in (ROOT / folder).rglob("*.py"):
            name = file.relative_to(ROOT).as_posix()
            if not re.search(settings["exclude"], name):
                for line in file.read_text(encoding="utf-8").splitlines():
                    if re.search(r"#\s*(type: ignore\[|mypy: disable).*\bevent-", line):
                        yield f"{name}: {line}"
