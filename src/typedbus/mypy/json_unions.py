"""Unions whose JSON does not tell which of its types it was: pydantic takes one for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from mypy.types import AnyType, Instance, ProperType, Type, TypedDictType, get_proper_type

from typedbus.mypy.enum_values import Worth, values_of
from typedbus.mypy.json_types import (
    ARRAYS,
    LISTS,
    MAPPINGS,
    NUMBERS,
    PATHS,
    SETS,
    TAKEN_FOR_TEXT,
    TAKES_ANY_TEXT,
    URLS,
)
from typedbus.mypy.records import fields_of, is_record


class Confusion(NamedTuple):
    """Values of one type are read as another one."""

    given: ProperType
    becomes: ProperType
    by_order: bool = False
    """They are not if the union names their type first."""


def confusions(items: Sequence[ProperType], *, as_keys: bool = False) -> Iterator[Confusion]:
    """Yield what is taken for something else in the union of *items*, which has an order."""
    for first, then in combinations(items, 2):
        found = _as_text(first, then) or _as_array(first, then) or _as_object(first, then)
        if as_keys and not found:
            found = _as_key(first, then) or _as_key(then, first)
        if found:
            yield found


def _as_text(first: ProperType, then: ProperType) -> Confusion | None:
    one, other = _name(first), _name(then)
    if one in TAKES_ANY_TEXT and other in TAKEN_FOR_TEXT and one != other:
        if {one, other} <= PATHS:
            return None
        return Confusion(then, first, by_order=other not in TAKES_ANY_TEXT)
    if _is_lost_in(first, other):
        return Confusion(first, then)
    return Confusion(then, first) if _is_lost_in(then, one) else None


def _is_lost_in(given: ProperType, taker: str) -> bool:
    """Say whether *given* is read as *taker*, a kind of text, in whichever order they stand."""
    if not isinstance(given, Instance) or taker not in TAKES_ANY_TEXT:
        return False
    if given.type.is_enum:
        # A member that is a string equals the string.
        equal = taker == "builtins.str" and given.type.has_base("builtins.str")
        return not equal and Worth.TEXT in values_of(given.type)
    return given.type.module_name == URLS


def _as_array(first: ProperType, then: ProperType) -> Confusion | None:
    one, other = _name(first), _name(then)
    if not {one, other} <= ARRAYS or _arguments(first) != _arguments(then):
        return None
    if one == other or {one, other} <= LISTS or {one, other} <= SETS:
        return None
    return Confusion(first, then) if other in LISTS else Confusion(then, first)


def _as_object(first: ProperType, then: ProperType) -> Confusion | None:
    if _holds_anything(first) and _is_record(then):
        return Confusion(then, first, by_order=True)
    fields = _fields(first), _fields(then)
    if None in fields or fields[0] != fields[1] or first == then:
        return None
    if isinstance(then, TypedDictType):
        return None if isinstance(first, TypedDictType) else Confusion(first, then)
    return Confusion(then, first)


def _as_key(given: ProperType, text: ProperType) -> Confusion | None:
    taken = NUMBERS | TAKEN_FOR_TEXT - {_name(text)}
    is_lost = _name(text) in ("builtins.str", "builtins.bytes") and _name(given) in taken
    return Confusion(given, text) if is_lost else None


def _holds_anything(given: ProperType) -> bool:
    """Say whether *given* is a dictionary that any JSON object is read as."""
    if _name(given) not in MAPPINGS:
        return False
    match [get_proper_type(each) for each in _arguments(given)]:
        case [Instance() as key, value] if _name(key) == "builtins.str":
            return isinstance(value, AnyType) or _name(value) == "builtins.object"
        case _:
            return False


def _fields(given: ProperType) -> dict[str, Type] | None:
    if isinstance(given, TypedDictType):
        return dict(given.items)
    if isinstance(given, Instance) and _is_record(given):
        return {field.name: field.given for field in fields_of(given)}
    return None


def _is_record(given: ProperType) -> bool:
    return isinstance(given, Instance) and is_record(given.type)


def _arguments(given: ProperType) -> tuple[Type, ...]:
    return given.args if isinstance(given, Instance) else ()


def _name(given: ProperType) -> str:
    return given.type.fullname if isinstance(given, Instance) else ""
