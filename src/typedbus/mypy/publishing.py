"""`publish`: an instance of a class that the bus carries."""

from __future__ import annotations

from mypy.nodes import Expression, StrExpr
from mypy.plugin import CheckerPluginInterface, MethodSigContext
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    ProperType,
    Type,
    TypeType,
    get_proper_type,
)

from typedbus.mypy.buses import root_of
from typedbus.mypy.event_classes import classes_of, stranger_among, told_elsewhere
from typedbus.mypy.guesses import class_like
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import shown


def check_publish(context: MethodSigContext) -> CallableType:
    """Check what is published; after a report the signature takes it, so that mypy stays silent."""
    signature = context.default_signature
    root = root_of(context.type)
    if root is None or not context.args or not context.args[0]:
        return signature
    argument = context.args[0][0]
    given = get_proper_type(context.api.get_expression_type(argument, signature.arg_types[0]))
    if not _refused(context.api, argument, given, root):
        return signature
    return signature.copy_modified(arg_types=[given, *signature.arg_types[1:]])


def _refused(
    api: CheckerPluginInterface, argument: Expression, given: ProperType, root: Type
) -> bool:
    report = Report(api, argument)
    if isinstance(argument, StrExpr):
        report.event_name(argument.value, class_like(argument.value, api))
    elif isinstance(given, AnyType):
        if told_elsewhere(given) or isinstance(get_proper_type(root), AnyType):
            return False
        report.untyped_event(*shown(root))
    elif isinstance(given, FunctionLike) and given.is_type_obj():
        report.published_class(given.type_object().name)
    elif isinstance(given, TypeType) and (classes := classes_of(given.item)):
        report.published_class(classes[0].type.name)
    elif stranger := stranger_among(given, root, mix_ins=False):
        report.outside(*shown(stranger, root))
    else:
        return False
    return True
