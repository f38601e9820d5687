"""The running of the checkers: what they do not say is not taken for silence."""

from pathlib import Path

import pytest

from tests.static.checkers import (
    BY_NAME,
    CASES,
    Checker,
    CheckerFailedError,
    is_installed,
    reports_in,
    run,
)
from tests.static.expectations import CHECKERS, Report


def test_every_checker_that_comments_name_can_be_run() -> None:
    """A name that only one side knows would never be checked."""
    assert set(BY_NAME) == set(CHECKERS)


def test_a_checker_that_gives_up_has_not_found_everything_right(tmp_path: Path) -> None:
    """Its last words are shown: they tell which file or option it stumbled over."""
    with pytest.raises(CheckerFailedError, match="no-such-option") as failed:
        run(Checker("json.tool", ("--no-such-option",)), tmp_path)

    assert failed.value.exit_code == 2


def test_a_checker_that_is_not_there_is_known_to_be_missing() -> None:
    """So that its tests are skipped, by its name, instead of failing."""
    assert not is_installed(Checker("no_such_checker", ()))


def test_what_a_checker_says_about_other_files_is_left_out() -> None:
    """The package itself is checked elsewhere; a file of the same name is not ours either."""
    ours, theirs = Report(1, "misc", "ours"), Report(1, "misc", "theirs")

    found = reports_in(
        "",
        lambda output: iter(
            [("cases/shop.py", ours), (str(CASES / "shop.py"), ours), ("../shop.py", theirs)]
        ),
    )

    assert found == {"shop.py": [ours, ours]}
