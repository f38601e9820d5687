"""The case files: each checker reports the mistakes in them, line by line, and nothing else."""

import ast
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from tests.static.checkers import BY_NAME, CASES, Checker, is_installed, reports_in, run
from tests.static.expectations import CHECKERS, Report, differences, expectations_in

FILES = sorted(path.name for path in CASES.glob("*.py"))
ReportsOf = Callable[[str], Mapping[str, list[Report]]]


@pytest.fixture(scope="session")
def reports_of(tmp_path_factory: pytest.TempPathFactory) -> ReportsOf:
    """What each checker says about every case file; each runs once, when first asked for."""

    @cache
    def output_of(checker: Checker) -> str:
        return run(checker, tmp_path_factory.mktemp(checker.module))

    @cache
    def reports(name: str) -> Mapping[str, list[Report]]:
        checker, read = BY_NAME[name]
        if not is_installed(checker):
            pytest.skip(f"{checker.module}: not installed")
        return reports_in(output_of(checker), read)

    return reports


# The checker is the outer loop: pytest-xdist hands out neighbours together.
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_reports_the_mistakes_and_nothing_else(
    checker: str, file: str, reports_of: ReportsOf
) -> None:
    """A line with a mistake is reported as its comment says; a line without one is not."""
    source = (CASES / file).read_text(encoding="utf-8")

    found = differences(checker, source, expectations_in(source), reports_of(checker).get(file, []))

    assert not found, "\n".join([f"{file}, {checker}:", *found])


@pytest.mark.parametrize("file", FILES)
def test_a_case_file_shows_both_sides(file: str) -> None:
    """Mistakes alone would also be reported by a checker that refuses everything."""
    source = (CASES / file).read_text(encoding="utf-8")

    wrong = set(expectations_in(source))
    right = {node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}

    assert wrong
    assert right - wrong
