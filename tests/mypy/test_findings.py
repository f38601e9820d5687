"""What the comments of case files and step files may say."""

import pytest

from tests.mypy.findings import (
    Finding,
    MalformedExpectationError,
    differences,
    expected_in,
    reported_in,
)

SOURCE = """\
bus.subscribe(UserCreated, audit)
# Handler "audit" accepts "int", not "UserCreated"  [event-mismatch]
# 2 4: [arg-type]
bus.publish(created)
# 3: No string names an event  [event-name]
"""
OURS = Finding("a.py", 1, 'Handler "audit" accepts "int", not "UserCreated"', "event-mismatch")
MYPYS = Finding("a.py", 1, "", "arg-type")
OF_STEP_3 = Finding("a.py", 4, "No string names an event", "event-name")


@pytest.mark.parametrize(
    ("step", "expected"),
    [(1, [OURS]), (2, [OURS, MYPYS]), (3, [OURS, OF_STEP_3]), (4, [OURS, MYPYS])],
)
def test_a_comment_speaks_of_the_line_above_it(step: int, expected: list[Finding]) -> None:
    """At the steps that it names, or at each."""
    assert list(expected_in("a.py", SOURCE, step)) == expected


def test_of_a_report_the_message_counts_where_it_is_ours() -> None:
    """What mypy says differs from release to release; a note is not a finding."""
    lines = [
        'a.py:1:5: error: Handler "audit" accepts "int", not "UserCreated"  [event-mismatch]',
        "a.py:1: error: Argument 2 is wrong  [arg-type]",
        "a.py:1: note: It is defined here",
    ]

    assert reported_in(lines) == [OURS, MYPYS]


def test_what_is_reported_twice_and_expected_once_differs() -> None:
    """Sets would not see it."""
    assert differences([OURS, OURS], [OURS]) == [f"reported, and should not be: {OURS}"]
    assert differences([OURS], [OURS, MYPYS]) == [f"not reported, and should be: {MYPYS}"]


@pytest.mark.parametrize(
    "comment",
    [
        '# 2, 4: Handler "audit" accepts ...  [event-mismatch]',
        '# 2 Handler "audit" accepts ...',
        '#Handler "audit" accepts ...  [event-mismatch]',
        '# Handler "audit" accepts ...  [event-mismatch].',
    ],
)
def test_a_comment_that_looks_like_an_expectation_is_one(comment: str) -> None:
    """Read as a plain comment it would expect nothing, and nobody would notice."""
    with pytest.raises(MalformedExpectationError) as raised:
        list(expected_in("a.py", f"bus.subscribe(UserCreated, audit)\n{comment}\n"))

    assert (raised.value.file, raised.value.line, raised.value.comment) == ("a.py", 2, comment)
