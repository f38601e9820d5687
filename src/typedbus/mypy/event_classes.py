"""From the expression of an event class to the type of its instances, or to a report."""

from __future__ import annotations

from mypy.nodes import Expression, RefExpr, StrExpr, TypeInfo
from mypy.plugin import CheckerPluginInterface
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    ProperType,
    TupleType,
    Type,
    TypedDictType,
    TypeOfAny,
    TypeType,
    TypeVarLikeType,
    UnionType,
    get_proper_type,
)
from mypy.typevars import fill_typevars_with_any

from typedbus.mypy.guesses import class_like
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import shown

# Bases that say nothing of what a class is for.
_BASE_OF_ALL = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
# Their parametrised classes are real classes.
_REAL_GENERICS = "pydantic.main.BaseModel"


def event_type_of(
    api: CheckerPluginInterface, argument: Expression, root: Type | None = None
) -> Type | None:
    """Return the type of the events that *argument* names: of any class, events are of the *root*.

    It is Any where a mistake was reported, and None where mypy has the better words.
    """
    report = Report(api, argument)
    if isinstance(argument, StrExpr):
        report.class_name(argument.value, class_like(argument.value, api))
        return unknown()
    if isinstance(argument, RefExpr) and argument.fullname == "typing.Any":
        report.untyped_event_class()
        return unknown()
    return _instances_of(get_proper_type(api.get_expression_type(argument)), root, report)


def _instances_of(given: ProperType, root: Type | None, report: Report) -> Type | None:
    match given:
        case AnyType():
            return _untyped(given, report)
        case TypeType(item=AnyType() as item):
            return _untyped(item, report)
        case TypeType(item=item):
            return item
        case UnionType(items=items):
            found = [_instances_of(get_proper_type(item), root, report) for item in items]
            each = [get_proper_type(item) for item in found if item is not None]
            if any(isinstance(item, AnyType) and told_elsewhere(item) for item in each):
                return unknown()
            return UnionType.make_union(each) if len(each) == len(items) else None
        case FunctionLike() if given.is_type_obj():
            return _instances_of_class(given, report)
        case Instance(type=TypeInfo(fullname="types.UnionType")):
            report.union()
            return unknown()
        case Instance(type=TypeInfo(fullname="typing._SpecialForm")):
            report.special_form()
            return unknown()
        case Instance(type=TypeInfo(fullname="builtins.type")):
            # So mypy has it for `for each in [UserCreated, OrderPlaced]`.
            if root is None:
                report.untyped_event_class()
            return root or unknown()
        case _:
            return None


def _instances_of_class(given: FunctionLike, report: Report) -> Type | None:
    event = get_proper_type(given.items[0].ret_type)
    info = given.type_object()
    if isinstance(event, TypedDictType):
        report.typed_dict(info.name)
    elif info.is_newtype:
        report.newtype(info.name, shown(info.bases[0])[0])
    elif not isinstance(event, Instance) or not event.args:
        return event
    elif given.items[0].variables:
        return fill_typevars_with_any(info)
    elif info.has_base(_REAL_GENERICS):
        return event
    else:
        report.parametrised(shown(event)[0], info.name)
    return unknown()


def _untyped(given: AnyType, report: Report) -> Type | None:
    if not told_elsewhere(given):
        report.untyped_event_class()
    return unknown()


def told_elsewhere(given: AnyType) -> bool:
    """Say whether mypy has reported why this is Any, or does not know its type yet."""
    source = given.source_any or given
    return source.type_of_any in (TypeOfAny.from_error, TypeOfAny.special_form)


def classes_of(event: Type) -> list[Instance]:
    """Return the classes that instances of *event* may have; empty where nobody knows."""
    match get_proper_type(event):
        case Instance() as one:
            return [one]
        case TupleType(partial_fallback=one):
            return [one]
        case TypeVarLikeType(upper_bound=bound):
            return classes_of(bound)
        case UnionType(items=items):
            return [one for item in items for one in classes_of(item)]
        case _:
            return []


def stranger_among(event: Type, root: Type, *, mix_ins: bool) -> Instance | None:
    """Return a class of *event* whose instances a bus of *root* cannot meet, None if it may.

    It meets subclasses of the root, and bases of the root may be one. With *mix_ins* so may a
    class beside the root: some event class, wherever it is defined, may inherit from both.
    """
    roots = classes_of(root)
    for one in classes_of(event) if roots else ():
        met = any(_related(one, other) for other in roots)
        if not met and not (mix_ins and not all(_akin(one.type, other.type) for other in roots)):
            return one
    return None


def _related(one: Instance, other: Instance) -> bool:
    return one.type.has_base(other.type.fullname) or other.type.has_base(one.type.fullname)


def _akin(one: TypeInfo, other: TypeInfo) -> bool:
    """Say whether two classes share a base that means something: then neither is a mix-in."""
    shared = {base.fullname for base in one.mro} & {base.fullname for base in other.mro}
    return not shared <= _BASE_OF_ALL or one.module_name == "builtins"


def unknown() -> Type:
    """Return the type of what was reported: nothing more is said about it."""
    return AnyType(TypeOfAny.from_error)
