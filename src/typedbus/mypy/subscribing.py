"""`subscribe`, `on`, `wait_for`, `stream`: the event class, and the handler against it."""

from __future__ import annotations

from mypy.expandtype import expand_type
from mypy.plugin import MethodSigContext
from mypy.types import (
    CallableType,
    Instance,
    TypeType,
    TypeVarType,
    get_proper_type,
)

from typedbus.mypy.buses import root_of
from typedbus.mypy.event_classes import event_type_of, stranger_among, unknown
from typedbus.mypy.handlers import check_handler
from typedbus.mypy.messages import Report
from typedbus.mypy.names import BUS
from typedbus.mypy.shown import shown


def check_event_class(context: MethodSigContext) -> CallableType:
    """Check the event class, and say it in the signature in place of the type variable.

    The argument's own type becomes that of its parameter, which is where mypy would not have an
    abstract class.
    """
    signature = context.default_signature
    variable = _event_variable(signature)
    if variable is None or not context.args[0]:
        return signature
    argument = context.args[0][0]
    event = event_type_of(context.api, argument)
    if event is None:
        return signature
    root = root_of(context.type)
    if root is not None and (stranger := stranger_among(event, root, mix_ins=True)):
        Report(context.api, argument).outside(*shown(stranger, root))
        event = unknown()
    said = signature.copy_modified(
        variables=[each for each in signature.variables if each.id != variable.id]
    )
    expanded = expand_type(said, {variable.id: event})
    given = context.api.get_expression_type(argument)
    return expanded.copy_modified(arg_types=[given, *expanded.arg_types[1:]])


def check_subscribe(context: MethodSigContext) -> CallableType:
    """Check the event class and the handler."""
    signature = check_event_class(context)
    if signature is context.default_signature or len(context.args) < 2 or not context.args[1]:
        return signature
    handler = context.args[1][0]
    expected = get_proper_type(signature.arg_types[1])
    if not isinstance(expected, CallableType) or not expected.arg_types:
        return signature
    bus = get_proper_type(context.type)
    awaits = not (isinstance(bus, Instance) and bus.type.has_base(BUS))
    accepted = check_handler(context.api, handler, handler, expected, awaits=awaits)
    event, _, *others = signature.arg_types
    return signature.copy_modified(arg_types=[event, accepted, *others])


def _event_variable(signature: CallableType) -> TypeVarType | None:
    """Return the type variable that stands for the event class, if this is such a signature."""
    match [get_proper_type(formal) for formal in signature.arg_types[:1]]:
        case [TypeType(item=TypeVarType() as variable)] if variable in signature.variables:
            return variable
        case _:
            return None
