"""The plugin's findings in plain files: each line is reported as its comment says, and no other."""

import ast
from collections import Counter, defaultdict

import pytest

from tests.mypy.case_files import FILES, false_alarms_in, reported, source_of, why_not
from tests.mypy.findings import Finding, differences, expected_in

# They are there for the others, and hold nothing wrong.
SHARED = {"other_shop.py", "shop.py"}


def only_if_it_can_be_had(file: str) -> None:
    """Skip the test of a file that this Python cannot have, by its name."""
    if (reason := why_not(file)) is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What mypy reports of all files with the plugin, in one run."""
    return reported(tmp_path_factory.mktemp("with-plugin"))


@pytest.fixture(scope="module")
def found_alone(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What mypy reports of all files without the plugin, in one run."""
    return reported(tmp_path_factory.mktemp("alone"), with_plugin=False)


@pytest.mark.parametrize("file", FILES)
def test_a_case_file_is_reported_as_its_comments_say(file: str, found: list[Finding]) -> None:
    """Our messages word for word, mypy's by their code, and a line without a comment not at all."""
    only_if_it_can_be_had(file)

    wrong = differences(
        [finding for finding in found if finding.file == file],
        list(expected_in(file, source_of(file))),
    )

    assert not wrong, "\n".join(wrong)


def test_no_line_is_reported_twice(found: list[Finding]) -> None:
    """One mistake, one message: ours replaces mypy's, and the first one of ours is enough."""
    times = Counter((finding.file, finding.line) for finding in found)

    twice = [str(each) for each in found if times[each.file, each.line] > 1]

    assert found
    assert not twice, "\n".join(twice)


@pytest.mark.parametrize("file", FILES)
def test_what_mypy_alone_reports_is_reported_with_the_plugin(
    file: str, found: list[Finding], found_alone: list[Finding]
) -> None:
    """But for false alarms, each of which says so in its line."""
    only_if_it_can_be_had(file)
    with_plugin = {finding.line for finding in found if finding.file == file}
    hidden = defaultdict[int, set[str]](set)
    for finding in found_alone:
        if finding.file == file and finding.line not in with_plugin:
            hidden[finding.line].add(finding.code)

    false_alarms = {line: set(codes) for line, codes in false_alarms_in(source_of(file)).items()}

    assert hidden == false_alarms


def test_nothing_is_said_of_other_files(found: list[Finding], found_alone: list[Finding]) -> None:
    """A report in typedbus itself would otherwise go unseen."""
    assert {finding.file for finding in (*found, *found_alone)} <= set(FILES)


@pytest.mark.parametrize("file", [file for file in FILES if file not in SHARED])
def test_a_case_file_shows_both_sides(file: str) -> None:
    """Mistakes alone would also be reported by a plugin that refuses everything."""
    source = source_of(file)
    only_if_it_can_be_had(file)

    wrong = {finding.line for finding in expected_in(file, source)}
    right = {node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)}

    assert wrong
    assert right - wrong


def test_every_code_is_shown() -> None:
    """A code without a case could vanish."""
    shown = {finding.code for file in FILES for finding in expected_in(file, source_of(file))}

    assert {code for code in shown if code.startswith("event-")} == {
        "event-async",
        "event-class",
        "event-mismatch",
        "event-name",
        "event-outside",
        "event-untyped",
    }


def test_a_file_of_a_later_python_is_skipped_by_name() -> None:
    """Its syntax is not that of every Python the tests run on."""
    assert why_not("generics_py399.py") == "generics_py399.py: needs Python 3.99"
    assert why_not("generics_py311.py") is None
