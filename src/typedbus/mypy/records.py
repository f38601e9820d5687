"""The classes with fields that pydantic knows, and their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    IS_ABSTRACT,
    CallExpr,
    Decorator,
    FuncDef,
    OverloadedFuncDef,
    RefExpr,
    SymbolNode,
    TypeInfo,
    Var,
)
from mypy.types import Instance, ProperType, TupleType, Type, TypedDictType, get_proper_type

from typedbus.mypy.by_hand import is_of_standard_library
from typedbus.mypy.json_types import (
    BASE_MODEL,
    INIT_VAR,
    KEYWORDS_ONLY,
    MSGSPEC_STRUCT,
    OWN_SCHEMA,
)
from typedbus.mypy.names import EVENT, NAMING

# In the metadata of a class: it has a wire name.
NAMED = "typedbus.named"


class Field(NamedTuple):
    """One field, as an instance of a class has it."""

    owner: TypeInfo
    """The class that defines it, which may be a base."""
    name: str
    given: Type


def is_record(info: TypeInfo) -> bool:
    """Say whether *info* is a dataclass, an `Event` or a pydantic model."""
    tagged = any("dataclass_tag" in base.metadata for base in info.mro)
    return tagged and not is_foreign(info) and info.fullname not in (BASE_MODEL, EVENT)


def is_foreign(info: TypeInfo) -> bool:
    """Say whether *info* is a class of attrs or msgspec, which pydantic does not know."""
    return info.has_base(MSGSPEC_STRUCT) or any("attrs_tag" in base.metadata for base in info.mro)


def is_named_tuple(info: TypeInfo) -> bool:
    """Say whether *info* is a `NamedTuple`, or derived from one."""
    return any("namedtuple" in base.metadata for base in info.mro)


def has_wire_name(info: TypeInfo) -> bool:
    """Say whether *info* is decorated with `@event`."""
    # Its decorators are there while it is analysed, what is noted of it is there later on.
    return NAMED in info.metadata or any(
        isinstance(each, CallExpr)
        and isinstance(each.callee, RefExpr)
        and each.callee.fullname == NAMING
        for each in info.defn.decorators
    )


def has_own_schema(info: TypeInfo) -> bool:
    """Say whether *info* tells pydantic what it is."""
    metaclass = info.metaclass_type.type.mro if info.metaclass_type else []
    return any(
        name in base.names
        for base in (*info.mro, *metaclass)
        if base.fullname != BASE_MODEL
        for name in OWN_SCHEMA
    )


def fields_of(given: ProperType) -> Iterator[Field]:
    """Yield the fields of *given*; there are none if it is no class with fields."""
    match given:
        case TypedDictType(items=items, fallback=Instance(type=info)):
            yield from (Field(info, name, item) for name, item in items.items())
        case TupleType(items=items, partial_fallback=Instance(type=info)):
            for base in info.mro:
                names = base.metadata.get("namedtuple", {}).get("fields", ())
                yield from map(Field, [info] * len(names), names, items)
        case Instance(type=info) if is_record(info):
            yield from _fields_of_record(given)
        case _:
            pass


def init_vars_of(info: TypeInfo) -> Iterator[str]:
    """Yield what the `__init__` of a dataclass must be given and the dataclass does not keep."""
    for base in info.mro:
        # Variables of the class, until mypy has made its `__init__`; then they are noted there.
        for name, symbol in base.names.items():
            var = symbol.node
            if isinstance(var, Var) and _is(INIT_VAR, var) and not var.has_explicit_value:
                yield name
        for each in base.metadata.get("dataclass", {}).get("attributes", ()):
            if each["is_init_var"] and not each["has_default"]:
                yield each["name"]


def is_abstract(info: TypeInfo) -> bool:
    """Say whether Python makes no instance of *info*.

    mypy notes it too late: after the decorators of all classes in a circle of modules were asked.
    """
    if info.metaclass_type is None or not info.metaclass_type.type.has_base("abc.ABCMeta"):
        return False
    found = set[str]()
    for base in info.mro:
        for name, symbol in base.names.items():
            if name not in found and _is_abstract_function(symbol.node):
                return True
            found.add(name)
    return False


def _fields_of_record(given: Instance) -> Iterator[Field]:
    model = given.type.has_base(BASE_MODEL)
    found = set[str]()
    for base in given.type.mro:
        # Any base gives fields to a model, to a dataclass only those that are dataclasses.
        if is_of_standard_library(base) or not (model or "dataclass_tag" in base.metadata):
            continue
        mapped = map_instance_to_supertype(given, base)
        for name, symbol in base.names.items():
            var = symbol.node
            if isinstance(var, Var) and var.type is not None and _is_field(name, var, model=model):
                if name not in found:
                    yield Field(base, name, expand_type_by_instance(var.type, mapped))
                found.add(name)


def _is_field(name: str, var: Var, *, model: bool) -> bool:
    # mypy keeps a second definition of a name beside the first.
    if var.is_inferred or var.is_classvar or name.startswith("__") or "-redefinition" in name:
        return False
    return not (_is(INIT_VAR, var) or _is(KEYWORDS_ONLY, var) or (model and name.startswith("_")))


def _is(name: str, var: Var) -> bool:
    given = get_proper_type(var.type)
    return isinstance(given, Instance) and given.type.fullname == name


def _is_abstract_function(node: SymbolNode | None) -> bool:
    match node:
        case Decorator(func=function) | (FuncDef() as function):
            return function.abstract_status == IS_ABSTRACT
        case OverloadedFuncDef(items=[first, *_]):
            return _is_abstract_function(first)
        case _:
            return False
