"""The plugin where nothing is installed but mypy, as in an environment of pre-commit or pipx."""

import json
from pathlib import Path
from typing import Final

import pytest
from packaging.version import Version

import typedbus
from tests.mypy.findings import differences, reported_in
from tests.mypy.processes import lines_of_mypy, run_python
from tests.mypy.releases import NEWEST, OLDEST, folder_of
from tests.mypy.step_files import SCENARIOS, expected_at, write_step

SRC: Final = Path(typedbus.__file__).parents[1]
BOTH_ENDS = pytest.mark.parametrize("release", [OLDEST, NEWEST], ids=str)
# Before 1.19 no configuration may name the codes of a plugin, and a module that is kept in a cache
# is not looked at again for the sake of one that another module imports.
SINCE_1_19: Final = {"code_is_disabled", "stored_field_of_a_field"}
IMPORTS = """
import json, sys
import typedbus
before = [*sys.modules]
import typedbus.mypy
print(json.dumps([before, [*sys.modules]]))
"""


@BOTH_ENDS
def test_it_finds_all_where_nothing_but_mypy_is_installed(release: Version, tmp_path: Path) -> None:
    """No pydantic, no FastAPI, and nothing else that typedbus can work with."""
    mypy = folder_of(release)
    left_out = SINCE_1_19 if release < Version("1.19") else set[str]()
    scenarios = [each for each in SCENARIOS if each not in left_out]
    arguments = ("--no-site-packages", "--cache-dir=.cache", ".")
    wrong = []

    for step in (1, 2):
        write_step(step, tmp_path, scenarios)
        lines = lines_of_mypy(
            tmp_path, *arguments, imports_from=[mypy, SRC], checks_with=[SRC], isolated=True
        )
        expected = [finding for each in scenarios for finding in expected_at(step, each)]
        wrong += [f"step {step}, {each}" for each in differences(reported_in(lines), expected)]

    assert not wrong, "\n".join(wrong)


@BOTH_ENDS
def test_it_can_be_the_first_to_import_mypy(release: Version, tmp_path: Path) -> None:
    """Some modules of mypy cannot be imported before others (python/mypy#17726)."""
    done = run_python(
        tmp_path,
        "-c",
        "import typedbus.mypy",
        imports_from=[folder_of(release), SRC],
        isolated=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_it_needs_no_more_of_typedbus_than_an_import_does(tmp_path: Path) -> None:
    """The core is for the run time; each of its modules may import what is installed there."""
    done = run_python(tmp_path, "-c", IMPORTS, imports_from=[folder_of(NEWEST), SRC], isolated=True)

    before, after = map(set, json.loads(done.stdout))
    assert not [name for name in before if name.partition(".")[0] == "mypy"]
    assert [
        name
        for name in after - before
        if name.startswith("typedbus.") and not name.startswith("typedbus.mypy")
    ] == []
