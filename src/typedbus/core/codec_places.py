"""Where in an event something is: what cannot be written, and what came back as something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Final

from typedbus.core.codec_schemas import MADE, Node

_LONGEST: Final = 80
_DEEPEST: Final = 20


def path_of(steps: Iterable[object]) -> str:
    """Return *steps* as one would write them in Python, `lines[2].price`, within a line."""
    path = ""
    for step in steps:
        if isinstance(step, str) and step.isidentifier():
            path += f".{step}" if path else step
        elif step != "[key]":  # so pydantic says that it means the key, which stands before
            path += f"[{step!r}]"
    return path if len(path) <= _LONGEST else f"{path[:30]} ... {path[-30:]}"


def place_of_failure(
    node: Node,
    value: object,
    definitions: Mapping[str, Node],
    fails: Callable[[Node, object], bool],
) -> tuple[list[object], object]:
    """Return the steps to the innermost part of *value* that *fails*, and that part."""
    steps = list[object]()
    while len(steps) < _DEEPEST:
        for step, inner_node, inner in _parts(node, value, definitions):
            if fails(inner_node, inner):
                steps.extend(step)
                node, value = inner_node, inner
                break
        else:
            break
    return steps, value


def _parts(
    node: Node, value: object, definitions: Mapping[str, Node]
) -> Iterator[tuple[Sequence[object], Node, object]]:
    """Give the parts of *value*, each with the steps to it and its node."""
    fields: object = node.get("metadata", {}).get(MADE, (None, None))[1]
    match node, value:
        case {"type": "definition-ref", "schema_ref": ref}, _:
            yield [], definitions[ref], value
        case {"type": "typed-dict", "fields": nodes}, dict():
            yield from (
                ([name], nodes[name]["schema"], value[name]) for name in nodes & value.keys()
            )
        case {"type": "model-fields" | "dataclass-args", "fields": nodes}, _:
            fields = nodes
        case {"items_schema": [*nodes]}, tuple() if "variadic_item_index" not in node:
            yield from (([n], *pair) for n, pair in enumerate(zip(nodes, value, strict=False)))
        case {"items_schema": [items]}, tuple():
            yield from (([n], items, each) for n, each in enumerate(value))
        case {"items_schema": dict() as items}, list() | tuple() | set() | frozenset():
            yield from (([n], items, each) for n, each in enumerate(value))
        case {"keys_schema": keys, "values_schema": values}, dict():
            for key, each in value.items():
                yield [key], keys, key
                yield [key], values, each
        case {"type": "nullable", "schema": schema}, _ if value is not None:
            yield [], schema, value
        case {"type": "model" | "dataclass" | "default", "schema": dict() as schema}, _:
            yield from _parts(schema, value, definitions)
        case _:
            pass
    for name, field in _named(fields):
        with suppress(AttributeError):
            yield [name], field["schema"], getattr(value, name)


def _named(fields: object) -> Iterator[tuple[str, Node]]:
    match fields:
        case dict():
            yield from fields.items()
        case list():
            yield from ((field["name"], field) for field in fields)
        case _:
            pass


def difference(given: object, back: object) -> list[object] | None:
    """Return the steps to where *back* is not what was *given*; None if they are equal.

    Also where `==` is no help: it is the identity in classes made with eq=False, and a time that
    exists twice, when clocks are set back, equals no time of another zone (PEP 495).
    """
    if given == back:
        return None
    parts = list(_pairs(given, back)) if type(given) is type(back) else []
    for step, one, other in parts:
        steps = difference(one, other)
        if steps is not None:
            return [step, *steps]
    if parts or _is_same_instant(given, back):
        return None
    return []


def _is_same_instant(given: object, back: object) -> bool:
    if not (isinstance(given, datetime) and isinstance(back, datetime)):
        return False
    if given.tzinfo is None or back.tzinfo is None:
        return False
    return given.astimezone(UTC) == back.astimezone(UTC)


def _pairs(given: object, back: object) -> Iterator[tuple[object, object, object]]:
    """Give the parts of two objects of one class, each with its step."""
    missing = object()
    match given, back:
        case ((list() | tuple()), (list() | tuple())):
            pairs = zip_longest(given, back, fillvalue=missing)
            yield from ((n, *pair) for n, pair in enumerate(pairs))
        case dict(), dict():
            if given.keys() == back.keys():
                yield from ((key, given[key], back[key]) for key in given)
        case _:
            # An equality of its own would rather be asked.
            for name in _names_of_parts(type(given)):
                yield name, getattr(given, name, missing), getattr(back, name, missing)


def _names_of_parts(cls: type) -> Iterable[str]:
    if hasattr(cls, "__pydantic_fields__"):
        own = (
            name for name in ("__pydantic_extra__", "__pydantic_private__") if hasattr(cls, name)
        )
        return [*cls.__pydantic_fields__, *own]
    for table in ("__dataclass_fields__", "__struct_fields__"):
        if hasattr(cls, table):
            return list(getattr(cls, table))
    return [each.name for each in getattr(cls, "__attrs_attrs__", ())]
