"""`CreateUser(bus)`: a bus given to somebody who publishes on it, through a `Publisher`."""

from __future__ import annotations

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import Decorator, Expression, FuncDef, SymbolNode, TypeInfo
from mypy.plugin import CheckerPluginInterface, FunctionSigContext
from mypy.subtypes import is_subtype
from mypy.types import (
    CallableType,
    Instance,
    Type,
    UnionType,
    get_proper_type,
    has_type_vars,
)

from typedbus.mypy.buses import root_of
from typedbus.mypy.messages import Report
from typedbus.mypy.names import ASYNC_BUS, ASYNC_PUBLISHER, PUBLISHER
from typedbus.mypy.shown import shown

_PUBLISHERS = (PUBLISHER, ASYNC_PUBLISHER)


def takes_a_publisher(callee: SymbolNode | None) -> bool:
    """Say whether *callee*, a function or a class, has a parameter that is a `Publisher`."""
    match callee:
        case TypeInfo():
            made = callee.get("__init__")
            return made is not None and takes_a_publisher(made.node)
        case Decorator(func=function):
            return takes_a_publisher(function)
        # Of an overloaded one, nobody knows here which signature is meant.
        case FuncDef(type=CallableType(arg_types=formals)):
            return any(_publisher_in(formal) is not None for formal in formals)
        case _:
            return False


def check_injected(context: FunctionSigContext) -> CallableType:
    """Check each bus that is given where a `Publisher` is wanted."""
    signature = context.default_signature
    formals = list(signature.arg_types)
    for index, (formal, arguments) in enumerate(zip(formals, context.args, strict=False)):
        wanted = _publisher_in(formal)
        if wanted is None or has_type_vars(wanted):
            continue
        taken = [_taken(context.api, each, wanted, formal, signature) for each in arguments]
        formals[index] = UnionType.make_union(taken) if taken else formal
    return signature.copy_modified(arg_types=formals)


def _publisher_in(formal: Type) -> Instance | None:
    """Return the publisher that *formal* wants, as `Publisher[...]` or `AsyncPublisher[...]`."""
    match get_proper_type(formal):
        case Instance() as one if any(map(one.type.has_base, _PUBLISHERS)):
            bases = [base for base in one.type.mro if base.fullname in _PUBLISHERS]
            return map_instance_to_supertype(one, bases[0])
        case UnionType(items=items):
            found = [each for each in map(_publisher_in, items) if each is not None]
            return found[0] if len(found) == 1 else None
        case _:
            return None


def _taken(
    api: CheckerPluginInterface,
    argument: Expression,
    wanted: Instance,
    formal: Type,
    signature: CallableType,
) -> Type:
    """Return what the parameter is to take: *formal*, or the bus's own type after a report."""
    with api.msg.filter_errors():
        given = get_proper_type(api.get_expression_type(argument))
    root = root_of(given)
    if root is None or not isinstance(given, Instance) or is_subtype(given, formal):
        return formal
    report = Report(api, argument)
    callee = f'"{signature.name}"' if signature.name else "The parameter"
    if not is_subtype(wanted.args[0], root):
        report.wrong_bus(callee, *shown(root, wanted.args[0]))
    elif _awaited(given) != _awaited(wanted):
        say = report.async_bus if _awaited(given) else report.sync_bus
        say(callee, *shown(given, wanted))
    else:
        return formal
    return given


def _awaited(publisher: Instance) -> bool:
    """Say whether `publish` of *publisher* is async."""
    return any(publisher.type.has_base(name) for name in (ASYNC_BUS, ASYNC_PUBLISHER))
