"""What a case file expects of each checker, and how that differs from what one reported."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

PLUGIN: Final = "mypy-plugin"
CHECKERS: Final = ("mypy", PLUGIN, "pyright", "pyright-strict", "ty", "pyrefly")

Expectations: TypeAlias = Mapping[int, Mapping[str, str | None]]
"""For each line with a mistake: the checkers that report it, each with the code it gives."""

_COMMENT = re.compile(r"#\s*errors?\b", re.IGNORECASE)
_WELL_FORMED = re.compile(r"# error: (?P<targets>[^;]+?)(?:; (?P<reason>\S.*))?$")
_TARGET = re.compile(r"(?P<name>[a-z-]+)(?:\[(?P<code>[\w-]+)\])?$")
_EVENT_CODE = re.compile(r"\bevent-[a-z]+\b")
_FALSE_ALARM = "it is right"
# What default mode reports, strict mode reports as well; and the plugin takes nothing from mypy.
_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: (name,) for name in CHECKERS},
    "mypy": ("mypy", PLUGIN),
    "pyright": ("pyright", "pyright-strict"),
    "all": CHECKERS,
    "none": (),
}


class Report(NamedTuple):
    """One thing that a checker says about one line."""

    line: int
    code: str
    message: str


class MalformedExpectationError(ValueError):
    """A comment that looks like an expectation says nothing, or nothing that is known."""

    def __init__(self, line: int, comment: str, remedy: str, /) -> None:
        super().__init__(line, comment, remedy)
        self.line = line
        self.comment = comment
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot read {self.comment!r} on line {self.line}: {self.remedy}."


def expectations_in(source: str) -> Expectations:
    """Return what the comments of *source* expect, by line."""
    return {line: _checkers_in(line, comment) for line, comment in _comments_in(source)}


def differences(
    checker: str, source: str, expected: Expectations, reports: Iterable[Report]
) -> list[str]:
    """Return one message for each line of *source* on which *checker* did not as *expected*."""
    lines = source.splitlines()
    found = dict[int, list[Report]]()
    for report in reports:
        found.setdefault(report.line, []).append(report)
    return [
        f"line {line}: {difference}\n    {lines[line - 1].strip()}"
        for line in sorted({*expected, *found})
        if (difference := _difference(checker, expected.get(line, {}), found.get(line, [])))
    ]


def _difference(
    checker: str, expected: Mapping[str, str | None], reports: list[Report]
) -> str | None:
    """Return how *reports* on one line differ from *expected*, if they do."""
    said = "; ".join(f"[{report.code}] {report.message}" for report in reports)
    code = expected.get(checker)
    if checker not in expected:
        return f"{checker} reports what nobody expected: {said}" if reports else None
    if not reports:
        return f"{checker} is expected to report [{code or 'something'}], and is silent"
    if code is not None and code not in {report.code for report in reports}:
        return f"{checker} is expected to report [{code}], and says: {said}"
    return None


def _comments_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each comment that is meant as an expectation."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and _COMMENT.match(token.string):
            line, column = token.start
            if not token.line[:column].strip():
                raise MalformedExpectationError(
                    line, token.string, "write it on the very line that is reported"
                )
            yield line, token.string


def _checkers_in(line: int, comment: str) -> Mapping[str, str | None]:
    """Return the checkers that *comment* names, each with its code."""
    found = _WELL_FORMED.match(comment)
    if not found:
        raise MalformedExpectationError(
            line, comment, "write `# error: all`, or `# error: mypy ty; why the others do not`"
        )
    named = dict[str, str | None]()
    for target in found["targets"].split():
        for checker, code in _target(line, comment, target):
            named[checker] = code or named.get(checker)
    if len(named) < len(CHECKERS) and not found["reason"]:
        silent = ", ".join(checker for checker in CHECKERS if checker not in named)
        raise MalformedExpectationError(
            line, comment, f"say after a semicolon why {silent} would not report it"
        )
    # Last, what the plugin makes of it: it knows mypy's false alarms, and mistakes of its own.
    reason = found["reason"] or ""
    if _FALSE_ALARM in reason:
        named.pop(PLUGIN, None)
    if closed := _EVENT_CODE.search(reason):
        named[PLUGIN] = closed[0]
    return named


def _target(line: int, comment: str, target: str) -> list[tuple[str, str | None]]:
    """Return the checkers that one word such as `mypy[arg-type]` stands for."""
    found = _TARGET.match(target)
    if not found or found["name"] not in _NAMED_BY:
        known = ", ".join(_NAMED_BY)
        raise MalformedExpectationError(line, comment, f"name some of {known}, not {target!r}")
    # mypy's code is not asked of the plugin, whose own codes are parts of it.
    return [
        (checker, None if checker == PLUGIN else found["code"])
        for checker in _NAMED_BY[found["name"]]
    ]
