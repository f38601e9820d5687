"""What a handler accepts, and whether it is async."""

from __future__ import annotations

from mypy.expandtype import expand_type
from mypy.nodes import ARG_STAR, ArgKind
from mypy.subtypes import find_member
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Overloaded,
    ParamSpecType,
    ProperType,
    Type,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)


def callables_of(handler: ProperType) -> list[CallableType]:
    """Return the signatures that *handler* can be called by; empty where there is none."""
    match handler:
        case CallableType():
            return [handler]
        case Overloaded(items=items):
            return list(items)
        case Instance(extra_attrs=extra) if extra and "__mypy_partial" in extra.attrs:
            # What mypy's own functools plugin remembers of a partial, since 1.11.
            return callables_of(get_proper_type(extra.attrs["__mypy_partial"]))
        case Instance():
            member = get_proper_type(find_member("__call__", handler, handler))
            return [] if member is None or isinstance(member, Instance) else callables_of(member)
        case TypeVarType(upper_bound=bound):
            return callables_of(get_proper_type(bound))
        case _:
            return []


def accepted_by(signature: CallableType) -> Type | None:
    """Return the type of the parameter that receives the event.

    None where it takes anything (`*args: Any`, `*args: *Ts`), and where its shape is no handler's.
    """
    kinds = signature.arg_kinds
    if not kinds or not kinds[0].is_positional(star=True) or _needs_more(kinds[1:]):
        return None
    accepted = _at_its_widest(signature, signature.arg_types[0])
    if (
        kinds[0] is ARG_STAR
        and isinstance(get_proper_type(accepted), AnyType | UnpackType | ParamSpecType)
        and not signature.is_ellipsis_args
    ):
        return None
    return accepted


def _needs_more(kinds: list[ArgKind]) -> bool:
    return any(kind.is_required() for kind in kinds)


def _at_its_widest(signature: CallableType, accepted: Type) -> Type:
    """Return *accepted* with the type variables of a generic handler at their bounds."""
    bounds = {
        variable.id: UnionType.make_union(variable.values or [variable.upper_bound])
        for variable in signature.variables
        if isinstance(variable, TypeVarType)
    }
    return expand_type(accepted, bounds)


def is_async(signature: CallableType) -> bool:
    """Say whether a call gives something to await."""
    result = get_proper_type(signature.ret_type)
    return any(
        isinstance(item, Instance) and item.type.has_base("typing.Awaitable")
        for item in map(
            get_proper_type, result.items if isinstance(result, UnionType) else [result]
        )
    )
