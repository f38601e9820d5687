"""Tables that are readable in a terminal of a hundred columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import fill


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text under a title; all columns but the first stand to the right."""

    title: str
    columns: tuple[str, ...]
    notes: Sequence[str] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        """Append a row."""
        self.rows.append(cells)

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        head, *body = [_line(cells, widths) for cells in lines]
        notes = [fill(note, 98, initial_indent="  ", subsequent_indent="  ") for note in self.notes]
        return "\n".join([self.title, head, "-" * len(head), *body, *notes, ""])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *others = cells
    padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *padded]).rstrip()
