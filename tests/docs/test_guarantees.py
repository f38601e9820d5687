"""docs/guarantees.md: every promise has its test."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT

PAGE = (DOCS / "guarantees.md").read_text(encoding="utf-8")
PROMISED, _, NOT_PROMISED = PAGE.partition("\n## Not promised\n")
ROWS = re.findall(r"^\| (?!-|promise)(.+?) \| (.+?) \|$", PROMISED, re.MULTILINE)


@pytest.mark.parametrize(("promise", "named"), ROWS, ids=[promise for promise, _ in ROWS])
def test_each_promise_names_a_test_that_exists(promise: str, named: str) -> None:
    """Its file is there, and defines a function of that name."""
    reference = re.fullmatch(r"`([\w/]+\.py)::(test_\w+)`", named)

    assert reference is not None, f"{promise}: {named}"
    assert reference[2] in names_of_tests_in(ROOT / reference[1])


def test_every_line_of_a_table_is_a_promise() -> None:
    """None is left out because it is written otherwise."""
    lines = [line for line in PROMISED.splitlines() if line.startswith("|")]
    headings = [line for line in lines if line == "| promise | test |"]

    assert len(lines) == len(ROWS) + 2 * len(headings)
    assert len(ROWS) > len(headings) > 1


def test_the_page_says_what_is_not_promised() -> None:
    """A list, not a word."""
    assert NOT_PROMISED.count("\n- ") > 5


def names_of_tests_in(path: Path) -> set[str]:
    """Return the names of the test functions in the file at *path*."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {function.name for function in functions if function.name.startswith("test_")}
