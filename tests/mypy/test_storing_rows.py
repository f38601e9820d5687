"""event-json against pydantic: of each type the plugin says what pydantic does with its values.

mypy runs once, over one file with two event classes for each row of `storing/rows.py`; the same
classes are made here, and pydantic writes and reads them.
"""

import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import pydantic
import pytest
from packaging.version import Version

from tests.mypy.findings import reported_in
from tests.mypy.processes import lines_of_mypy
from tests.mypy.storing.rows import HEADING, ROWS, Row

ROOT: Final = Path(__file__).resolve().parents[2]
BASES: Final = {"of_event": "Event", "of_model": "BaseModel"}

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.annotation}-{row.values}")
each_kind = pytest.mark.parametrize("kind", BASES)


def name_of(row: Row, kind: str) -> str:
    """Return what the class for *row* is called."""
    return f"{kind}_{ROWS.index(row)}"


def source_of(row: Row, kind: str) -> str:
    """Return a class of *kind* with one field."""
    return f"class {name_of(row, kind)}({BASES[kind]}):\n    field: {row.annotation}\n"


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The classes whose field the plugin refuses, by name."""
    folder = tmp_path_factory.mktemp("rows")
    written, at_line = HEADING, dict[int, str]()
    for row in ROWS:
        for kind in BASES:
            name = name_of(row, kind)
            written += f"@event(name={name!r})\n{source_of(row, kind)}"
            at_line[written.count("\n")] = name
    (folder / "of_rows.py").write_text(written, encoding="utf-8")
    (folder / "mypy.ini").write_text("[mypy]\nplugins = typedbus.mypy\n", encoding="utf-8")
    options = (f"--cache-dir={folder / 'cache'}", "--explicit-package-bases", "of_rows.py")

    found = reported_in(lines_of_mypy(folder, *options, checks_with=[ROOT, ROOT / "src"]))

    assert [finding for finding in found if finding.code != "event-json"] == []
    return {at_line[finding.line] for finding in found}


@each_row
@each_kind
def test_the_plugin_says_what_pydantic_does(row: Row, kind: str, refused: set[str]) -> None:
    """It refuses what does not come back, and nothing else, but where the row says why not."""
    if Version(pydantic.VERSION).release < row.since:
        pytest.skip(f"{row.annotation}: since pydantic {'.'.join(map(str, row.since))}")

    agrees = comes_back(row, kind) is (name_of(row, kind) not in refused)

    assert agrees is (row.differs is None)


def comes_back(row: Row, kind: str) -> bool:
    """Say whether pydantic writes each value of *row* as JSON and reads what equals it."""
    made = dict(names())
    values = [eval(value, made) for value in row.values]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(source_of(row, kind), made)
            return all(_comes_back(made[name_of(row, kind)], value) for value in values)
        # Whatever goes wrong, with whatever error: it does not come back.
        except Exception:  # noqa: BLE001
            return False


def _comes_back(cls: Any, value: object) -> bool:
    adapter = pydantic.TypeAdapter(cls)
    # A model would copy what it is given, or refuse to be made.
    event = getattr(cls, "model_construct", cls)(field=value)
    return bool(adapter.validate_json(adapter.dump_json(event)) == event)


@cache
def names() -> Mapping[str, Any]:
    """Return what the rows may name."""
    found = dict[str, Any]()
    exec(HEADING, found)
    return found
