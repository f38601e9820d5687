"""The handler inside a call such as `collected(handler)`."""

from __future__ import annotations

from mypy.expandtype import expand_type
from mypy.nodes import CallExpr, Expression
from mypy.plugin import CheckerPluginInterface
from mypy.types import CallableType, Type, TypeVarType, get_proper_type

from typedbus.mypy.handler_types import callables_of


def handed_on(
    api: CheckerPluginInterface, call: Expression, event: Type
) -> tuple[Expression, CallableType] | None:
    """Return the handler that *call* hands every *event* on to, and the signature it is to have.

    None where *call* is no delivery or wrapper: what comes out takes the events that go in.
    """
    if not isinstance(call, CallExpr):
        return None
    with api.msg.filter_errors():
        called = callables_of(get_proper_type(api.get_expression_type(call.callee)))
    match called:
        case [CallableType(arg_types=formals, ret_type=returned)]:
            given_back = _handler_of(returned)
        case _:
            return None
    for inner, formal in zip(call.args, formals, strict=False):
        taken = _handler_of(formal)
        if taken is not None and given_back is not None and taken[0] == given_back[0]:
            variable, signature = taken
            return inner, expand_type(signature, {variable.id: event})
    return None


def _handler_of(handler: Type) -> tuple[TypeVarType, CallableType] | None:
    """Return the variable that *handler* takes an event of, with its signature, if it does."""
    match callables_of(get_proper_type(handler)):
        case [CallableType(arg_types=[TypeVarType() as variable, *_]) as signature]:
            return variable, signature
        case _:
            return None
