"""The arguments of a call, as the hooks are given them."""

from __future__ import annotations

from mypy.nodes import CallExpr, Expression
from mypy.plugin import FunctionSigContext, MethodSigContext


def argument_of(context: FunctionSigContext | MethodSigContext, place: int) -> Expression | None:
    """Return what the parameter in *place* is given.

    None where that is nothing, or part of what a star unpacks: the hook sees the whole of it.
    """
    match context.args[place : place + 1]:
        case [[argument, *_]]:
            return None if _is_starred(context.context, argument) else argument
        case _:
            return None


def _is_starred(call: object, argument: Expression) -> bool:
    return isinstance(call, CallExpr) and any(
        each is argument and kind.is_star()
        for each, kind in zip(call.args, call.arg_kinds, strict=True)
    )
