"""The reading of case files: a wrong expectation is found, whichever way it is wrong."""

import pytest

from tests.static.expectations import (
    CHECKERS,
    MalformedExpectationError,
    Report,
    differences,
    expectations_in,
)

WRONG = Report(2, "arg-type", "handler does not fit")


def differences_of(comment: str, *reports: Report, checker: str = "mypy") -> str:
    """Return what *checker* does differently when the second of three lines has *comment*."""
    source = f"import shop\nshop.run()  {comment}\nshop.stop()\n"
    return "\n".join(differences(checker, source, expectations_in(source), reports))


def test_all_stands_for_every_checker() -> None:
    """The most frequent comment is the shortest."""
    expected = expectations_in("run()  # error: all\n")

    assert expected == {1: dict.fromkeys(CHECKERS)}


def test_a_code_belongs_to_the_checker_before_it() -> None:
    """One may name every checker and be exact about one of them."""
    expected = expectations_in("run()  # error: all mypy[arg-type]\n")

    assert expected[1] == {**dict.fromkeys(CHECKERS), "mypy": "arg-type"}


def test_what_pyright_reports_by_default_it_reports_in_strict_mode() -> None:
    """The name of the checker stands for both of its modes, each mode has a name too."""
    both = expectations_in("run()  # error: pyright; why\n")
    one = expectations_in("run()  # error: pyright-strict; why\n")

    assert set(both[1]) == {"pyright", "pyright-strict"}
    assert set(one[1]) == {"pyright-strict"}


def test_with_the_plugin_mypy_reports_what_it_reports_alone() -> None:
    """Whatever the code: the plugin's own codes are parts of mypy's."""
    expected = expectations_in("run()  # error: mypy[arg-type]; why\n")

    assert expected[1] == {"mypy": "arg-type", "mypy-plugin": None}


def test_the_plugin_closes_what_is_said_to_be_closed() -> None:
    """The comment on a line that others miss names the code of the plugin."""
    expected = expectations_in("run()  # error: ty; event-class, EventTypeError\n")

    assert expected[1] == {"ty": None, "mypy-plugin": "event-class"}


def test_the_plugin_knows_false_alarms() -> None:
    """A line that is right is not reported with the plugin, whoever else reports it."""
    expected = expectations_in("run()  # error: mypy[misc] ty; it is right\n")

    assert expected[1] == {"mypy": "misc", "ty": None}


def test_what_stands_in_a_string_is_no_expectation() -> None:
    """Only comments count, so that a case file may talk about its comments."""
    expected = expectations_in('"""Lines end in `# error: all`."""\nprint("# error: all")\n')

    assert expected == {}


def test_nothing_differs_where_all_is_as_expected() -> None:
    """A mistake that is reported and a right line that is not are fine."""
    assert not differences_of("# error: all mypy[arg-type]", WRONG)
    assert not differences_of("# error: ty; mypy is silent")
    assert not differences_of("# error: none; who else sees it")
    assert not differences_of("# a remark")


def test_a_missing_report_is_found() -> None:
    """A mistake that a checker no longer sees is named with its line and its source."""
    found = differences_of("# error: all mypy[arg-type]")

    assert "line 2" in found
    assert "mypy is expected to report [arg-type], and is silent" in found
    assert "shop.run()" in found


@pytest.mark.parametrize("comment", ["", "# error: none; why", "# error: ty; why"])
def test_an_unexpected_report_is_found(comment: str) -> None:
    """A false alarm is named with what the checker said."""
    found = differences_of(comment, WRONG)

    assert "line 2" in found
    assert "mypy reports what nobody expected: [arg-type] handler does not fit" in found


def test_another_code_is_found() -> None:
    """A mistake that is reported for another reason is no proof that it is seen."""
    found = differences_of("# error: all mypy[call-arg]", WRONG)

    assert "mypy is expected to report [call-arg], and says: [arg-type]" in found


def test_one_of_several_reports_may_have_the_code() -> None:
    """What follows from a mistake does not hide the mistake."""
    follows = Report(2, "misc", "cannot infer")

    assert not differences_of("# error: all mypy[arg-type]", follows, WRONG)


def test_a_report_on_another_line_is_found_twice() -> None:
    """It is missing where it is expected, and unexpected where it is."""
    found = differences_of("# error: all", WRONG._replace(line=3))

    assert "line 2: mypy is expected to report" in found
    assert "line 3: mypy reports what nobody expected" in found


@pytest.mark.parametrize(
    ("comment", "remedy"),
    [
        ("# error:", "write"),
        ("# errors: all", "write"),
        ("#error: all", "write"),
        ("# Error: all", "write"),
        ("# error: all;", "write"),
        ("# error: pylint; why", "pylint"),
        ("# error: mypy[arg-type", "mypy[arg-type"),
        ("# error: mypy", "why pyright, pyright-strict, ty, pyrefly"),
        ("# error: none", "why mypy"),
    ],
)
def test_a_comment_that_says_nothing_known_is_refused(comment: str, remedy: str) -> None:
    """A typing error in a comment must not turn a test off."""
    with pytest.raises(MalformedExpectationError) as refused:
        expectations_in(f"run()  {comment}\n")

    assert refused.value.line == 1
    assert remedy in str(refused.value)


def test_a_comment_on_a_line_of_its_own_is_refused() -> None:
    """No checker reports a line that is empty, so the comment would never be met."""
    with pytest.raises(MalformedExpectationError, match="very line"):
        expectations_in("# error: all\nrun()\n")
