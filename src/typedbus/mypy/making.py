"""`Bus(ShopEvent)`: a bus is of the root that it is given, and `Bus[ShopEvent]()` is given none."""

from __future__ import annotations

from mypy.nodes import ARG_POS, CallExpr, IndexExpr, TypeApplication
from mypy.plugin import FunctionContext, FunctionSigContext
from mypy.types import CallableType, Instance, Type, get_proper_type

from typedbus.mypy.arguments import argument_of
from typedbus.mypy.buses import root_of
from typedbus.mypy.class_parameters import class_variable_of, with_class
from typedbus.mypy.event_classes import event_type_of
from typedbus.mypy.messages import Report
from typedbus.mypy.names import EVENT
from typedbus.mypy.shown import shown


def check_root(context: FunctionSigContext) -> CallableType:
    """Check the root of a bus, and say it in the signature.

    Or else mypy infers it from the place: `bus: Bus[ShopEvent] = Bus(UserEvent)` would be right,
    and a wider root than the place asks for would be wrong (python/mypy#6482).
    """
    signature = context.default_signature
    variable = class_variable_of(signature)
    argument = argument_of(context, 0)
    if variable is None or argument is None or root_of(signature.ret_type) != variable:
        return signature
    root = event_type_of(context.api, argument)
    if root is None:
        return signature
    return with_class(signature, variable, root, context.api.get_expression_type(argument))


def check_made(context: FunctionContext) -> Type:
    """Check that a bus with a type argument is given its root too."""
    made = context.context
    match made:
        case CallExpr(callee=IndexExpr(analyzed=TypeApplication(types=[root]) as applied)):
            if ARG_POS not in made.arg_kinds and not _is_the_default(root):
                bus = getattr(applied.expr, "name", "Bus")
                Report(context.api, made).root_as_argument(bus, *shown(root))
        case _:
            pass
    return context.default_return_type


def _is_the_default(root: Type) -> bool:
    root = get_proper_type(root)
    return isinstance(root, Instance) and root.type.fullname == EVENT
