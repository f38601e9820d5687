"""What commands write: JSON for programs, tables for people, progress for those who wait."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, TextIO
from uuid import UUID

_WIDTH: Final = 100
"""How many columns a table takes at most."""
_NARROWEST: Final = 8
"""How few characters are left of a cell that has to give room."""
_DURATIONS: Final = frozenset({"age", "due_in", "lag", "max_age"})
"""What is told in seconds, and says so in its name."""


def print_json(answer: object) -> None:
    """Write *answer* as one JSON document: named tuples as objects, durations in seconds."""
    print(json.dumps(_plain(answer), indent=2, ensure_ascii=False))


def _plain(value: object) -> object:
    match value:
        case tuple() if hasattr(value, "_asdict"):
            return _plain(value._asdict())
        case Mapping():
            return {
                f"{name}_seconds" if name in _DURATIONS else name: _plain(each)
                for name, each in value.items()
            }
        case list() | tuple():
            return [_plain(each) for each in value]
        case timedelta():
            return value.total_seconds()
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.value
        case other:
            return other


def print_table(
    headers: Sequence[str], rows: Sequence[Sequence[object]], stream: TextIO | None = None
) -> None:
    """Write *rows* under *headers*; what is too wide is cut, numbers stand to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > _WIDTH and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    numbers = [all(isinstance(row[n], int) for row in rows) for n in range(len(headers))]
    for row in [headers, *cells]:
        line = "  ".join(
            _fitted(cell, width, to_the_right=number)
            for cell, width, number in zip(row, widths, numbers, strict=True)
        )
        print(line.rstrip(), file=stream)


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case other:
            # One line a row, whatever an error or a key has in it.
            text = str(other)
            return "".join(each if each.isprintable() else " " for each in text)


def _fitted(cell: str, width: int, *, to_the_right: bool) -> str:
    if len(cell) > width:
        cell = cell[: width - 1] + "…"
    return cell.rjust(width) if to_the_right else cell.ljust(width)


@contextmanager
def progress(what: str, stream: TextIO | None = None) -> Iterator[Callable[[int], None] | None]:
    """Give what tells, on a terminal, how many are done so far; None where nobody looks."""
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield None
        return

    def tell(so_far: int) -> None:
        stream.write(f"\r{what}: {so_far:,} ")
        stream.flush()

    try:
        yield tell
    finally:
        stream.write("\r\x1b[K")  # the answer takes its line
        stream.flush()
