"""`subscribe`, `on`, `wait_for`, `stream`: the event class, and the handler against it."""

from __future__ import annotations

from mypy.plugin import MethodSigContext
from mypy.types import CallableType, get_proper_type

from typedbus.mypy.arguments import argument_of
from typedbus.mypy.buses import root_of
from typedbus.mypy.class_parameters import class_variable_of, with_class
from typedbus.mypy.event_classes import event_type_of, stranger_among, unknown
from typedbus.mypy.handlers import check_handler
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import shown_with_bases


def check_event_class(context: MethodSigContext) -> CallableType:
    """Check the event class, and say it in the signature in place of the type variable."""
    signature = context.default_signature
    variable = class_variable_of(signature)
    argument = argument_of(context, 0)
    if variable is None or argument is None:
        return signature
    root = root_of(context.type)
    event = event_type_of(context.api, argument, root)
    if event is None:
        return signature
    if root is not None and (stranger := stranger_among(event, root, mix_ins=True)):
        Report(context.api, argument).outside(*shown_with_bases(stranger, root))
        event = unknown()
    return with_class(signature, variable, event, context.api.get_expression_type(argument))


def check_subscribe(context: MethodSigContext) -> CallableType:
    """Check the event class and the handler."""
    signature = check_event_class(context)
    handler = argument_of(context, 1)
    if signature is context.default_signature or handler is None:
        return signature
    expected = get_proper_type(signature.arg_types[1])
    if not isinstance(expected, CallableType) or not expected.arg_types:
        return signature
    accepted = check_handler(context.api, handler, handler, expected)
    event, _, *others = signature.arg_types
    return signature.copy_modified(arg_types=[event, accepted, *others])
