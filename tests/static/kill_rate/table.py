"""The kill rates, as the test prints them and as the docs tell them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tests.static.expectations import PLUGIN, Report
from tests.static.kill_rate.checking import ASKED
from tests.static.kill_rate.drafts import Mutant
from tests.static.kill_rate.sources import ROOT

PAGE: Final = ROOT / "docs" / "type-checkers.md"
_HEADING: Final = "## What each checker refuses\n"
_SECTION: Final = re.compile(rf"^{_HEADING}.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)

_INTRODUCTION: Final = """\
A test makes every mistake that the contract can suffer, one at a time, wherever it can be made: in
the examples, and in a small program that does what they lack. That gives {made} programs with one
mistake each. A mistake is refused if the checker reports anything that it does not report of the
program as it is, be it at another line: so a class that the bus does not carry is refused together
with its handler, and survives with a handler that takes anything. mypy runs strict, without the
plugin and with it.
"""
_EXAMPLES: Final = """\
One survivor of each kind. Special is a subclass of the event class, Elsewhere a class that the bus
does not carry, Changed a generic; hears and anything are what their lines say.
"""
_END: Final = """\
`python -m pytest tests/static/kill_rate -s` prints the table with all kinds; with `--write` it
writes this section.
"""


class Row(NamedTuple):
    """One kind of mistake."""

    mistake: str
    mutants: Sequence[Mutant]
    survivors: Mapping[str, Sequence[Mutant]]
    """By checker: the mutants that it says nothing about."""
    codes: Sequence[str]
    """By what codes mypy with the plugin reports them."""


def rows_of(
    mutants: Sequence[Mutant], reports: Mapping[str, Sequence[tuple[Report, ...]]]
) -> list[Row]:
    """Return a row for each kind of mistake, in the order in which they were made."""
    alive = {
        checker: [mutant for mutant, said in zip(mutants, found, strict=True) if not said]
        for checker, found in reports.items()
    }
    codes: dict[str, set[str]] = {mutant.mistake: set() for mutant in mutants}
    for mutant, said in zip(mutants, reports[PLUGIN], strict=True):
        codes[mutant.mistake] |= {report.code for report in said}
    return [
        Row(
            kind,
            [mutant for mutant in mutants if mutant.mistake == kind],
            {
                checker: [mutant for mutant in survivors if mutant.mistake == kind]
                for checker, survivors in alive.items()
            },
            sorted(codes[kind]),
        )
        for kind in codes
    ]


def printed(rows: Sequence[Row]) -> str:
    """Return everything as lines for a terminal: refused of made, and by which codes."""
    return "\n".join(
        [
            _line("", ASKED),
            *(
                _line(row.mistake, [_refused(row, each) for each in ASKED], row.codes)
                for row in rows
            ),
            _line("all", [_rate(rows, each) for each in ASKED]),
        ]
    )


def _line(head: str, cells: Sequence[str], codes: Sequence[str] = ()) -> str:
    return f"{head:84}{''.join(f'{each:>15}' for each in cells)}  {' '.join(codes)}".rstrip()


def _refused(row: Row, checker: str) -> str:
    return f"{len(row.mutants) - len(row.survivors[checker])}/{len(row.mutants)}"


def _rate(rows: Sequence[Row], checker: str) -> str:
    made = sum(len(row.mutants) for row in rows)
    survived = sum(len(row.survivors[checker]) for row in rows)
    return f"{100 * (made - survived) / made:.1f} %"


def section(rows: Sequence[Row]) -> str:
    """Return the section of the docs."""
    return "\n".join([_HEADING, *_lines(rows), ""])


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    made = sum(len(row.mutants) for row in rows)
    surviving = [row for row in rows if any(row.survivors.values())]
    others = [each for each in ASKED if each != PLUGIN]
    yield from _INTRODUCTION.format(made=made).splitlines()
    yield ""
    yield from _table(["", *ASKED], [["refused", *(_rate(rows, checker) for checker in ASKED)]])
    yield ""
    everywhere = len(rows) - len(surviving)
    yield f"Of {len(rows)} kinds of mistake, {everywhere} are refused by all of them, everywhere."
    yield "Of the others these survive:"
    yield ""
    yield from _table(
        ["mistake", "made", *map(_called, others)],
        [
            [row.mistake, str(len(row.mutants)), *(_survivors(row, each) for each in others)]
            for row in surviving
        ],
    )
    yield from ("", *_EXAMPLES.splitlines(), "", "```text")
    for row in surviving:
        example = next(each for survivors in row.survivors.values() for each in survivors)
        yield row.mistake.replace("`", "")
        yield f"    {example.shown}"
    yield from ("```", "", *_END.splitlines())


def _called(checker: str) -> str:
    """Return what readers call *checker*."""
    return {PLUGIN: "mypy with the plugin", "pyright-strict": "pyright, strict"}.get(
        checker, checker
    )


def _survivors(row: Row, checker: str) -> str:
    return str(len(row.survivors[checker]) or "")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(cells)} |"


def written() -> str:
    """Return the section as the docs have it; empty if they have none."""
    _, section, _ = _parts()
    return section


def write(text: str) -> None:
    """Put *text* into the docs, in the place of the section that they have or at the end."""
    before, _, after = _parts()
    PAGE.write_text("\n".join(filter(None, [before, text, after])), encoding="utf-8")


def _parts() -> tuple[str, str, str]:
    """Return the page before the section, the section, and the page behind it."""
    page = PAGE.read_text(encoding="utf-8")
    found = _SECTION.search(page)
    if found is None:
        return page, "", ""
    parts = page[: found.start()], found[0], page[found.end() :]
    before, section, after = (f"{part.rstrip()}\n" if part.strip() else "" for part in parts)
    return before, section, after
