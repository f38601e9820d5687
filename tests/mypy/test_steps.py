"""The plugin's findings come and go with edits in other files, in each way to run mypy."""

from pathlib import Path

import pytest

from tests.mypy.findings import differences, reported_in
from tests.mypy.step_files import SCENARIOS, expected_at, last_step, write_step
from tests.mypy.step_modes import COLD, MODES, Mode

STEPS = range(1, last_step() + 1)
Lines = dict[int, list[str]]
"""What mypy printed after each step."""


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """What cold runs print: the truth to which every other mode is held."""
    return _through_all_steps(COLD, tmp_path_factory.mktemp("cold"))


@pytest.fixture(scope="module", params=MODES)
def mode(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lines:
    """What the runs of another mode print, each with what the one before left behind."""
    name: str = request.param
    return _through_all_steps(MODES[name], tmp_path_factory.mktemp(name))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_step_has_the_findings_that_its_comments_expect(scenario: str, cold: Lines) -> None:
    """A line is reported at the steps that its comments name, as they say, and at no other."""
    wrong = [
        f"step {step}, {difference}"
        for step in STEPS
        for difference in differences(
            reported_in(_of(scenario, cold[step])), expected_at(step, scenario)
        )
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_after_each_step_a_mode_says_what_a_cold_run_says(
    scenario: str, mode: Lines, cold: Lines
) -> None:
    """Nothing stale and nothing missing, down to the column and to the notes."""
    wrong = [
        f"step {step}, {difference}"
        for step in STEPS
        for difference in differences(_of(scenario, mode[step]), _of(scenario, cold[step]))
    ]

    assert not wrong, "\n".join(wrong)


def test_no_mode_says_anything_of_other_files(mode: Lines, cold: Lines) -> None:
    """A warning or a report elsewhere would otherwise go unseen."""
    printed = [line for lines in (*mode.values(), *cold.values()) for line in lines]

    assert not [line for line in printed if line.partition("/")[0] not in SCENARIOS]


def _through_all_steps(mode: Mode, folder: Path) -> Lines:
    found = {}
    with mode(folder) as run:
        for step in STEPS:
            write_step(step, folder)
            found[step] = run()
    return found


def _of(scenario: str, lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(f"{scenario}/")]
