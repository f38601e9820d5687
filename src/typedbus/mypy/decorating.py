"""`@bus.on(...)`: the function below it, which keeps its whole type."""

from __future__ import annotations

from mypy.plugin import MethodContext, MethodSigContext
from mypy.types import CallableType, Type, get_proper_type

from typedbus.mypy.handlers import check_handler


def check_decorated(context: MethodSigContext) -> CallableType:
    """Check the function below a registrar."""
    signature = context.default_signature
    expected = get_proper_type(signature.arg_types[0])
    if not isinstance(expected, CallableType):
        return signature
    for handler in context.args[0]:
        accepted = check_handler(context.api, handler, context.context, expected)
        return signature.copy_modified(arg_types=[accepted])
    return signature


def keep_decorated(context: MethodContext) -> Type:
    """Return the type of the function itself: the registrar gives back the very same object."""
    return context.arg_types[0][0] if context.arg_types[0] else context.default_return_type
