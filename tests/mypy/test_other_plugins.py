"""The plugin beside others: each says what it would say alone, whoever is asked first."""

import shutil
from pathlib import Path

import pytest

from tests.mypy.findings import differences, expected_in, reported_in
from tests.mypy.processes import lines_of_mypy

CASES = Path(__file__).with_name("other_plugins")
OTHERS = "pydantic.mypy, mypy_django_plugin.main, claiming"
CONFIGURATION = """\
[mypy]
plugins = {plugins}
strict = True
show_column_numbers = True
error_summary = False

[pydantic-mypy]
init_typed = True

[mypy.plugins.django-stubs]
django_settings_module = settings
"""


@pytest.mark.parametrize(
    "plugins",
    [f"typedbus.mypy, {OTHERS}", f"{OTHERS}, typedbus.mypy"],
    ids=["ours first", "ours last"],
)
def test_every_plugin_finds_what_it_would_find_alone(plugins: str, tmp_path: Path) -> None:
    """The first plugin that claims a name is the only one asked: ours claims its own names."""
    folder = tmp_path / "cases"
    shutil.copytree(CASES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mypy.ini").write_text(CONFIGURATION.format(plugins=plugins), encoding="utf-8")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("with_*/*.py"))
    files += sorted(path.name for path in folder.glob("with_*.py"))

    found = lines_of_mypy(folder, "--cache-dir=/dev/null", *files)

    expected = [
        finding
        for file in files
        for finding in expected_in(file, (folder / file).read_text(encoding="utf-8"))
    ]
    wrong = differences(reported_in(found), expected)
    assert not wrong, "\n".join(wrong)
