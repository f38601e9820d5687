"""Which events are sure to come back from JSON as they went in, told by the types in them.

The answer is a condition in Python's own words, compiled once for each event class as dataclasses
compile their `__init__`: each publish pays for it, and closures cost five times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from keyword import iskeyword
from math import isfinite
from typing import Any, Final, TypeAlias
from uuid import UUID

from typedbus.core.codec_schemas import CONFIG, MADE, Node

Check: TypeAlias = Callable[[object], bool]


def _has_whole_minutes(value: datetime) -> bool:
    """Say whether the offset from UTC can be written: JSON's form of it has no seconds."""
    offset = value.utcoffset()
    return offset is None or not (offset.seconds % 60 or offset.microseconds)


# The class of what a node of this kind holds, and what else must be true of it.
_LEAVES: Final[Mapping[str, tuple[type, str]]] = {
    "int": (int, ""),
    "bool": (bool, ""),
    "str": (str, ""),
    "bytes": (bytes, ""),
    "none": (type(None), ""),
    "uuid": (UUID, ""),
    "date": (date, ""),
    "timedelta": (timedelta, ""),
    "float": (float, "isfinite({})"),
    "decimal": (Decimal, "{}.is_finite()"),
    "datetime": (datetime, "({0}.tzinfo is None or has_whole_minutes({0}))"),
    "time": (time, "{}.tzinfo is None"),
}
_NAMES: Final = {"isfinite": isfinite, "has_whole_minutes": _has_whole_minutes}
_ARRAYS: Final[Mapping[str, type]] = {"list": list, "set": set, "frozenset": frozenset}
_KEYS: Final = frozenset({"int", "str", "uuid"})

# What a node may say: all else is a constraint, or a validator or serializer of the user's own.
_SAID: Final = frozenset(
    {"type", "ref", "metadata", "cls", "config", "generic_origin", "frozen", "slots"}
    | {"schema", "fields", "items_schema", "keys_schema", "values_schema", "variadic_item_index"}
    | {"default", "default_factory", "default_factory_takes_data", "copy_default", "required"}
    | {"name", "kw_only", "init", "dataclass_name", "model_name"}
    | {"expected", "members", "missing", "sub_type", "microseconds_precision"}
)
_SAID_OF_CONFIG: Final = frozenset({*CONFIG, "title", "frozen"})


def certain(root: Node, definitions: Mapping[str, Node]) -> Check:
    """Return what says of an event, by the types in it, whether it is sure to come back.

    It never does where there is a constraint, a validator, a union or an abstract type; then it
    may still come back.
    """
    names: dict[str, object] = dict(_NAMES)
    try:
        condition = _Conditions(definitions, names).of(root, "event", frozenset())
    except _UncertainError:
        return lambda event: False
    check: Check = eval(f"lambda event: {condition}", names)
    return check


class _UncertainError(Exception):
    """The types alone cannot tell."""


class _Conditions:
    """Writes down what must be true of a value, with what it needs to know in *names*."""

    def __init__(self, definitions: Mapping[str, Node], names: dict[str, object]) -> None:
        self._definitions = definitions
        self._names = names

    def of(self, node: Node, value: str, inside: frozenset[str]) -> str:
        """Return the condition for *value*, a piece of Python.

        *inside* are the definitions that *node* is a part of: what holds itself may be too deep to
        be read, so it is never certain.
        """
        if node["type"] == "definition-ref":
            ref = node["schema_ref"]
            if ref in inside:
                raise _UncertainError
            return self.of(self._definitions[ref], value, inside | {ref})
        if MADE in node.get("metadata", {}):
            cls, fields, runs_code = node["metadata"][MADE]
            _refuse_if(runs_code)
            return self._of_record(cls, fields, value, inside)
        _refuse_if(_says_more(node))
        each = self._name("each", None)  # a name for the items, which no outer array has
        match node:
            case {"type": "default", "schema": schema}:
                return self.of(schema, value, inside)
            case {"type": "nullable", "schema": schema}:
                return f"({value} is None or {self.of(schema, value, inside)})"
            case {"type": "list" | "set" | "frozenset" as kind, "items_schema": items}:
                held = self._held(self.of(items, each, inside), each, value)
                return f"{self._is(_ARRAYS[kind], value)} and {held}"
            case {"type": "tuple", "items_schema": [items], "variadic_item_index": 0}:
                held = self._held(self.of(items, each, inside), each, value)
                return f"{self._is(tuple, value)} and {held}"
            case {"type": "dict", "keys_schema": {"type": key} as keys, "values_schema": values}:
                _refuse_if(key not in _KEYS)
                # In a key, unlike in a value, pydantic replaces a surrogate that stands alone.
                more = f" and {each}.isascii()" if key == "str" else ""
                of_keys = self._held(self.of(keys, each, inside) + more, each, value)
                of_values = self._held(self.of(values, each, inside), each, f"{value}.values()")
                return f"{self._is(dict, value)} and {of_keys} and {of_values}"
            case {"type": "enum", "cls": cls, "members": members}:
                _refuse_if(any(type(member.value) not in (str, int) for member in members))
                return self._is(cls, value)
            case {"type": "literal", "expected": expected}:
                _refuse_if(any(type(text) is not str for text in expected))
                return f"{self._is(str, value)} and {value} in {tuple(expected)!r}"
            case {"type": "model" | "dataclass", "cls": cls, "config": config, "schema": inner}:
                _refuse_if(inner["type"] not in ("model-fields", "dataclass-args"))
                _refuse_if(_says_more(inner) or config["extra_fields_behavior"] == "allow")
                _refuse_if(not _SAID_OF_CONFIG.issuperset(config))
                return self._of_record(cls, _named(inner["fields"]), value, inside)
            case {"type": str() as kind} if kind in _LEAVES:
                cls, more = _LEAVES[kind]
                return self._is(cls, value) + (f" and {more.format(value)}" if more else "")
            case _:
                raise _UncertainError

    def _of_record(
        self, cls: type, fields: Mapping[str, Node], value: str, inside: frozenset[str]
    ) -> str:
        conditions = [self._is(cls, value)]
        for name, field in fields.items():
            _refuse_if(not name.isidentifier() or iskeyword(name) or _says_more(field))
            conditions.append(self.of(field["schema"], f"{value}.{name}", inside))
        return " and ".join(conditions)

    def _held(self, condition: str, each: str, values: str) -> str:
        return f"all([{condition} for {each} in {values}])"

    def _is(self, cls: type, value: str) -> str:
        return f"type({value}) is {self._name(cls.__name__, cls)}"

    def _name(self, like: str, what: object) -> str:
        name = f"_{len(self._names)}_{like if like.isidentifier() else ''}"
        self._names[name] = what
        return name


def _refuse_if(uncertain: bool) -> None:  # noqa: FBT001 - a statement, as `assert` has one
    if uncertain:
        raise _UncertainError


def _says_more(node: Node) -> bool:
    # Not by truth: gt=0 says something.
    return any(
        key not in _SAID and said is not None and said is not False and said != []
        for key, said in node.items()
    )


def _named(fields: Any) -> Mapping[str, Node]:  # Any: of a model by name, of a dataclass a list
    return fields if isinstance(fields, dict) else {field["name"]: field for field in fields}
