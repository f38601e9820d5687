"""After a change of the plugin nothing is left of what the plugin said before."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import typedbus
from tests.mypy.processes import lines_of_mypy, run_python

PACKAGE = Path(typedbus.__file__).parent
CONFIGURATION = """\
[mypy]
plugins = typedbus.mypy
show_column_numbers = True
error_summary = False
cache_dir = .cache
"""
PUBLISHES_A_CLASS = """\
from typedbus import Bus, Event


class UserCreated(Event):
    pass


Bus().publish(UserCreated)
"""
# What a new release may do to a module that the plugin imports: the same mistake in other words.
OTHER_WORDS = '''

class Report(Report):
    """Says it in other words."""

    def published_class(self, name: str) -> None:
        """A class is published instead of an instance."""
        super().published_class(f"{name} (in other words)")
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder to import a copy of typedbus from, which the test may change."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, tmp_path / "copy" / "typedbus", ignore=ignored)
    return tmp_path / "copy"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two files that make the same mistake."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "mypy.ini").write_text(CONFIGURATION, encoding="utf-8")
    for name in ("a.py", "b.py"):
        (folder / name).write_text(PUBLISHES_A_CLASS, encoding="utf-8")
    return folder


def test_a_run_of_one_file_leaves_nothing_stale_for_a_run_of_all(project: Path, copy: Path) -> None:
    """Pre-commit and editors name single files; mypy then takes the others for up to date."""
    both = lines_of_mypy(project, "a.py", "b.py", imports_from=[copy])
    _let_it_use_other_words(copy)
    one = lines_of_mypy(project, "a.py", imports_from=[copy])
    both_again = lines_of_mypy(project, "a.py", "b.py", imports_from=[copy])

    assert _in_other_words(both) == []
    assert _in_other_words(one) == ["a.py"]
    assert _in_other_words(both_again) == ["a.py", "b.py"]


def test_a_daemon_begins_anew(project: Path, copy: Path) -> None:
    """A daemon outlives an upgrade of typedbus."""
    arguments = ("--status-file=status.json", "run", "--timeout=60", "--", "a.py", "b.py")
    try:
        before = lines_of_mypy(project, *arguments, program="mypy.dmypy", imports_from=[copy])
        _let_it_use_other_words(copy)
        after = lines_of_mypy(project, *arguments, program="mypy.dmypy", imports_from=[copy])
    finally:
        run_python(project, "-m", "mypy.dmypy", "--status-file=status.json", "stop")

    assert _in_other_words(before) == []
    assert _in_other_words(after) == ["a.py", "b.py"]


def test_results_depend_on_every_file_of_the_plugin(tmp_path: Path, copy: Path) -> None:
    """By itself, mypy looks at the file of the plugin and not at what that file imports."""
    program = Path(__file__).with_name("plugin_digests.py")
    plugin = copy / "typedbus" / "mypy"
    files = {path.relative_to(plugin).as_posix() for path in plugin.rglob("*.py")}

    done = run_python(tmp_path, "-B", str(program), str(plugin), imports_from=[copy])

    found: dict[str, str] = json.loads(done.stdout)
    as_it_is = found.pop("as it is")
    assert found.pop("as it is again") == as_it_is
    assert set(found) == files
    assert [file for file, reported in found.items() if reported == as_it_is] == []


def _let_it_use_other_words(copy: Path) -> None:
    with (copy / "typedbus" / "mypy" / "messages.py").open("a", encoding="utf-8") as file:
        file.write(OTHER_WORDS)


def _in_other_words(lines: Sequence[str]) -> list[str]:
    """Return the files of which *lines* report the mistake in other words."""
    reports = [line for line in lines if "[event-class]" in line]
    return [line.partition(":")[0] for line in reports if "UserCreated (in other words)" in line]
