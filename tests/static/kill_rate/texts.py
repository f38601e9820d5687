"""Changing the text of a module at places that `ast` tells."""

import ast
from collections.abc import Iterable
from typing import NamedTuple


class Edit(NamedTuple):
    """A part of a text, from one offset to another, and what is to stand there."""

    start: int
    end: int
    text: str


def offset(source: str, line: int, column: int) -> int:
    """Return the offset in *source* of what `ast` calls *line* and *column*, a count of bytes."""
    lines = source.split("\n")  # not splitlines(): to Python a form feed ends no line
    before = lines[line - 1].encode()[:column].decode()
    return sum(len(each) + 1 for each in lines[: line - 1]) + len(before)


def insertion(source: str, place: tuple[int, int], text: str) -> Edit:
    """Return what puts *text* at *place*, a line and a column."""
    at = offset(source, *place)
    return Edit(at, at, text)


def replacement(source: str, node: ast.expr | ast.stmt | ast.alias, text: str) -> Edit:
    """Return what puts *text* in the place of *node*."""
    return Edit(
        offset(source, node.lineno, node.col_offset),
        offset(source, node.end_lineno or 0, node.end_col_offset or 0),
        text,
    )


def edited(source: str, edits: Iterable[Edit]) -> str:
    """Return *source* with all *edits*; those at one place stand in the order they are given in."""
    parts, last = [], 0
    for edit in sorted(edits, key=lambda each: each.start):
        parts += [source[last : edit.start], edit.text]
        last = edit.end
    return "".join([*parts, source[last:]])
