"""The bugs that prove the scenarios can still be put into the source."""

import pytest

from tests.chaos.bugs import BUGS, SOURCE, spoiled
from tests.chaos.scenarios import SCENARIOS


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_has_its_place_and_a_scenario(name: str) -> None:
    """Who changes that place changes the bug too, and runs `python -m tests.chaos` for it."""
    bug = BUGS[name]
    text = (SOURCE / "typedbus" / bug.file).read_text(encoding="utf-8")

    compile(spoiled(bug, text), bug.file, "exec")

    assert bug.database in SCENARIOS[bug.scenario].databases
