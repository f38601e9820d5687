"""What mypy reports of a file, and what the comments of that file expect it to report.

A comment below a line says what is reported of that line: our messages in full, mypy's by their
code, which is all that stays the same from release to release. Where a file is checked in steps,
the comment names the steps at which it holds.

    bus.subscribe(UserCreated, audit)
    # Handler "audit" accepts ...  [event-mismatch]
    # 2 4: [arg-type]
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_EXPECTED = re.compile(
    r"\s*# (?:(?P<steps>\d[\d ]*):)? ?(?P<message>(?!\d).*?) *\[(?P<code>[a-z-]+)\]$"
)
_LOOKS_EXPECTED = re.compile(r"\s*#\s*\d|\s*#.*\][\s.]*$")
_REPORTED = re.compile(
    r"(?P<file>[^:]+):(?P<line>\d+):(?:\d+:)? error: (?P<message>.*?)(?:  \[(?P<code>[a-z-]+)\])?$"
)


class Finding(NamedTuple):
    """One thing that mypy says of one line."""

    file: str
    line: int
    message: str
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}  [{self.code}]"


class MalformedExpectationError(ValueError):
    """A comment looks like an expectation, and cannot be read as one."""

    def __init__(self, file: str, line: int, comment: str, /) -> None:
        super().__init__(file, line, comment)
        self.file = file
        self.line = line
        self.comment = comment

    def __str__(self) -> str:
        return (
            f"Cannot read {self.comment!r} in {self.file}, line {self.line}: write "
            "`# Handler ... [event-mismatch]`, or `# 2 4: Handler ...`, below the reported line."
        )


def reported_in(lines: Iterable[str]) -> list[Finding]:
    """Return the errors among the *lines* that mypy printed."""
    return [
        _finding(match["file"], int(match["line"]), match["message"], match["code"] or "")
        for match in map(_REPORTED.match, lines)
        if match
    ]


def expected_in(file: str, source: str, step: int = 1) -> Iterator[Finding]:
    """Yield what the comments of *source* expect mypy to report of *file* at *step*."""
    reported = 0
    for number, line in enumerate(source.splitlines(), start=1):
        match = _EXPECTED.match(line)
        if match:
            if match["steps"] is None or str(step) in match["steps"].split():
                yield _finding(file, reported, match["message"], match["code"])
        elif _LOOKS_EXPECTED.match(line):
            raise MalformedExpectationError(file, number, line.strip())
        else:
            reported = number


def differences(found: Sequence[object], expected: Sequence[object]) -> list[str]:
    """Return a line for each thing that is *found* or *expected*, and not both, as often."""
    extra, missing = Counter(found), Counter(expected)
    return [
        *(f"reported, and should not be: {each}" for each in (extra - missing).elements()),
        *(f"not reported, and should be: {each}" for each in (missing - extra).elements()),
    ]


def _finding(file: str, line: int, message: str, code: str) -> Finding:
    return Finding(file, line, message if code.startswith("event-") else "", code)
