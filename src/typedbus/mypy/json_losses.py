"""What is lost when values of a type are written as JSON and read back by pydantic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mypy.nodes import TypeAlias, TypeInfo
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeAliasType,
    TypedDictType,
    TypeOfAny,
    TypeType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    UnpackType,
    get_proper_type,
    has_type_vars,
)
from mypy.typevars import fill_typevars

from typedbus.mypy.by_hand import ByHand, is_of_standard_library
from typedbus.mypy.enum_values import Worth, values_of
from typedbus.mypy.json_types import (
    ARRAYS,
    BASE_MODEL,
    DEFAULTS,
    ENTITIES,
    LOOPED_OVER,
    MAPPINGS,
    MASKED,
    VALUES,
)
from typedbus.mypy.json_unions import confusions
from typedbus.mypy.messages import Lost
from typedbus.mypy.names import EVENT
from typedbus.mypy.records import (
    Field,
    fields_of,
    has_own_schema,
    has_wire_name,
    init_vars_of,
    is_abstract,
    is_foreign,
    is_named_tuple,
    is_record,
)

# A class may hold a longer form of itself, without end: `class Box[T]: inner: Box[list[T]]`.
_DEEPEST = 20


class Loss(NamedTuple):
    """A type whose values are not what they were."""

    path: str
    """The fields that lead to it, with dots."""
    given: Type
    why: Lost
    part: ProperType | None = None
    """Of a union, the type that is lost."""
    becomes: ProperType | None = None
    """And what it is read as."""


class Losses:
    """Looks through the fields of an event; notes the classes and the aliases that it came by."""

    def __init__(self, by_hand: ByHand) -> None:
        self._by_hand = by_hand
        self._entered = set[Type]()
        self.classes = set[TypeInfo]()
        self.aliases = set[TypeAlias]()

    def in_field(self, field: Field) -> Loss | None:
        """Return what is lost in *field* of an event; the first loss is enough."""
        self._entered.clear()
        return next(self._in_field(field, ""), None)

    def of_init_vars(self, info: TypeInfo, prefix: str = "") -> Iterator[Loss]:
        """Yield what is missing when an instance of *info* is made again."""
        names = sorted(set(init_vars_of(info)))
        if names and not self._by_hand.handles(info):
            yield from (Loss(prefix + name, NoneType(), Lost.INIT_VAR) for name in names)

    def of_class(self, info: TypeInfo) -> Lost | None:
        """Return why pydantic does not know *info*; None if nobody can say so from here."""
        self.classes.update(info.mro)
        if info.fullname in (BASE_MODEL, EVENT):
            return Lost.OPEN
        if is_of_standard_library(info):
            return Lost.LOOPED_OVER if info.fullname in LOOPED_OVER else Lost.OPAQUE
        if any(base.fullname in ENTITIES for base in info.mro):
            return Lost.OPAQUE
        if is_foreign(info):
            return Lost.UNKNOWN
        if any(base.fallback_to_any for base in info.mro) or self._by_hand.makes(info):
            return None
        derived = any(base.fullname in VALUES | ARRAYS | MAPPINGS for base in info.mro[1:-1])
        return Lost.SUBCLASS if derived else Lost.UNKNOWN

    def _in_field(self, field: Field, prefix: str) -> Iterator[Loss]:
        self.classes.add(field.owner)
        first = next(self._in_type(field.given, prefix + field.name), None)
        if first is not None and not self._by_hand.writes(field.owner, field.name):
            yield first

    def _in_type(self, given: Type, path: str) -> Iterator[Loss]:
        if isinstance(given, TypeAliasType):
            if given.alias is None or not self._enters(given, path):
                return
            self.aliases.add(given.alias)
        match get_proper_type(given):
            case Instance() as one:
                yield from self._in_class(one, path)
            case TupleType(partial_fallback=Instance(type=info)) as one:
                if is_named_tuple(info):
                    yield from self._in_fields(one, info, path)
                elif info.fullname == "builtins.tuple":
                    for item in one.items:
                        yield from self._in_type(item, path)
                else:
                    yield from self._unknown(one, info, path)
            case TypedDictType(fallback=Instance(type=info)) as one:
                yield from self._in_fields(one, info, path)
            case UnionType() as union:
                for item in union.items:
                    yield from self._in_type(item, path)
                yield from self._in_union(union, path, as_keys=False)
            case LiteralType() as literal:
                if _is_lost_literal(literal):
                    yield Loss(path, literal, Lost.LITERAL)
            case TypeVarType() as variable:
                for item in variable.values or [variable.upper_bound]:
                    yield from self._in_type(item, path)
            case (FunctionLike() | TypeType() | UnpackType() | UninhabitedType()) as other:
                yield Loss(path, other, Lost.OPAQUE)
            case _:
                pass

    def _in_class(self, given: Instance, path: str) -> Iterator[Loss]:
        info = given.type
        self.classes.add(info)
        if info.is_newtype:
            yield from self._in_type(info.bases[0], path)
        elif info.fullname in MASKED:
            yield Loss(path, given, Lost.MASKED)
        elif has_own_schema(info):
            return
        elif info.fullname in ARRAYS:
            for item in given.args:
                yield from self._in_type(item, path)
        elif info.fullname in MAPPINGS:
            yield from self._in_mapping(given, path)
        elif info.fullname in VALUES:
            if info.fullname == "re.Pattern" and _is_bytes(given.args):
                yield Loss(path, given, Lost.OPAQUE)
        elif info.is_enum:
            yield from self._in_enum(given, path)
        elif is_record(info):
            if is_abstract(info):
                yield Loss(path, given, Lost.OPEN)
            else:
                yield from self._in_fields(given, info, path)
        else:
            yield from self._unknown(given, info, path)

    def _in_fields(self, given: ProperType, info: TypeInfo, path: str) -> Iterator[Loss]:
        self.classes.update(info.mro)
        # What has a wire name itself is told where it is defined.
        told = has_wire_name(info) and not has_type_vars(fill_typevars(info))
        if not told and self._enters(given, path):
            for field in fields_of(given):
                yield from self._in_field(field, f"{path}.")
            yield from self.of_init_vars(info, f"{path}.")

    def _in_mapping(self, given: Instance, path: str) -> Iterator[Loss]:
        for key in given.args[:1]:
            yield from self._in_key(key, path)
        for value in given.args[1:]:
            yield from self._in_type(value, path)
            if given.type.fullname == "collections.defaultdict" and not _has_default(value):
                yield Loss(path, given, Lost.DEFAULT)

    def _in_key(self, given: Type, path: str) -> Iterator[Loss]:
        losses = list(self._in_type(given, path))
        yield from losses
        match get_proper_type(given):
            case UnionType() as union:
                for item in union.items:
                    yield from self._in_key(item, path)
                yield from self._in_union(union, path, as_keys=True)
            case key:
                if not losses and _is_lost_key(key):
                    yield Loss(path, key, Lost.KEY)

    def _in_union(self, union: UnionType, path: str, *, as_keys: bool) -> Iterator[Loss]:
        items = [get_proper_type(item) for item in union.items]
        for part, becomes, by_order in confusions(items, as_keys=as_keys):
            known = (one.type for one in (part, becomes) if isinstance(one, Instance))
            if not any(is_record(info) and self._by_hand.handles(info) for info in known):
                why = Lost.BY_ORDER if by_order else Lost.CONFUSED
                yield Loss(path, union, why, part, becomes)

    def _in_enum(self, given: Instance, path: str) -> Iterator[Loss]:
        if is_of_standard_library(given.type):
            yield Loss(path, given, Lost.OPEN)
        elif values_of(given.type) & {Worth.BYTES, Worth.TUPLE}:
            yield Loss(path, given, Lost.ENUM)

    def _unknown(self, given: ProperType, info: TypeInfo, path: str) -> Iterator[Loss]:
        why = self.of_class(info)
        if why is not None:
            yield Loss(path, given, why)

    def _enters(self, given: Type, path: str) -> bool:
        """Say whether *given* is new in this field, which also ends a circle."""
        if given in self._entered or path.count(".") > _DEEPEST:
            return False
        self._entered.add(given)
        return True


def _is_lost_literal(given: LiteralType) -> bool:
    info = given.fallback.type
    if info.is_enum:
        return not (info.has_base("builtins.str") or info.has_base("builtins.int"))
    return info.fullname == "builtins.bytes"


def _is_lost_key(key: ProperType) -> bool:
    match key:
        case Instance(type=info):
            if info.is_enum:
                mixed_in = any(
                    info.has_base(f"builtins.{each}") for each in ("str", "int", "float")
                )
                return not mixed_in and bool(values_of(info) - {Worth.TEXT})
            known = info.is_newtype or has_own_schema(info) or info.fullname in VALUES
            return not known and (is_record(info) or info.fullname in ARRAYS | MAPPINGS)
        case LiteralType(fallback=Instance(type=info)):
            return info.fullname == "builtins.int" or (
                info.is_enum and not info.has_base("builtins.str")
            )
        case NoneType() | TupleType() | TypedDictType():
            return True
        case _:
            return False


def _has_default(value: Type) -> bool:
    match get_proper_type(value):
        case Instance(type=info):
            return info.fullname in DEFAULTS
        case TupleType(partial_fallback=Instance(type=info)):
            return info.fullname in DEFAULTS
        case AnyType(type_of_any=kind):
            return kind != TypeOfAny.explicit
        case TypeVarType():
            return True
        case _:
            return False


def _is_bytes(arguments: tuple[Type, ...]) -> bool:
    return any(
        isinstance(each, Instance) and each.type.fullname == "builtins.bytes"
        for each in map(get_proper_type, arguments)
    )
