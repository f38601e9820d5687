"""The text of a module, as far as mypy keeps none of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mypy.nodes import MypyFile
from mypy.options import Options


class Text(NamedTuple):
    """What a module says, by name."""

    classes: Mapping[str, Sequence[ast.ClassDef]]
    """By qualified name; a class inside of a function as mypy calls it, by name and line."""
    values: Mapping[str, Sequence[ast.expr]]
    """What is assigned to each name, wherever in the module."""


def text_of(module: MypyFile, options: Options) -> Text | None:
    """Return the text of *module*; None if it is a stub or cannot be read."""
    if module.is_stub:
        return None
    # An editor keeps what is not saved yet in a file of its own.
    path = dict(options.shadow_file or ()).get(module.path, module.path)
    try:
        return _parsed(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def names_in(written: ast.AST) -> Iterator[ast.expr]:
    """Yield each dotted name in *written*, in its strings too, but for those of `Literal`."""
    match written:
        case ast.Name() | ast.Attribute():
            yield written
        case ast.Subscript(value=ast.Name("Literal") | ast.Attribute(attr="Literal")):
            pass
        case ast.Constant(value=str(text)):
            try:
                yield from names_in(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return
        case _:
            for part in ast.iter_child_nodes(written):
                yield from names_in(part)


def names_used_by(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Yield the names in the decorators and the values of a class, not those in its functions."""
    for statement in body:
        match statement:
            case ast.FunctionDef(decorator_list=decorators):
                yield from map(called, decorators)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                yield from names_in(value)
            case _:
                pass


def annotations_of(name: str, defined: ast.ClassDef) -> list[ast.expr]:
    """Return how the variable *name* of a class is annotated."""
    return [
        node.annotation
        for node in ast.walk(defined)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == name
    ]


def called(written: ast.expr) -> ast.expr:
    """Return what is called, if *written* is a call, or *written*."""
    return written.func if isinstance(written, ast.Call) else written


# By its content: whatever becomes of the file, this is what it says.
@lru_cache(maxsize=32)
def _parsed(source: bytes) -> Text:
    found = ast.parse(source)
    classes = dict[str, list[ast.ClassDef]]()
    for name, node in _classes_in(found, ""):
        classes.setdefault(name, []).append(node)
        classes.setdefault(f"{node.name}@{node.lineno}", []).append(node)
    values = dict[str, list[ast.expr]]()
    for name, value in _assigned_in(found):
        values.setdefault(name, []).append(value)
    return Text(classes, values)


def _classes_in(text: ast.AST, prefix: str) -> Iterator[tuple[str, ast.ClassDef]]:
    for node in ast.iter_child_nodes(text):
        match node:
            case ast.ClassDef(name=name):
                yield f"{prefix}{name}", node
                yield from _classes_in(node, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from _classes_in(node, f"{prefix}{name}.<locals>.")
            case ast.expr():
                pass
            case _:
                yield from _classes_in(node, prefix)


def _assigned_in(text: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield names with what they are assigned: `name = ...`, `type name = ...`."""
    for node in ast.walk(text):
        targets: list[object] = [getattr(node, "target", None), getattr(node, "name", None)]
        value: object = getattr(node, "value", None)
        if isinstance(node, ast.Assign):
            targets.extend(node.targets)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                yield target.id, value
