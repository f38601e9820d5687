"""`publish`: an instance of a class that the bus carries."""

from __future__ import annotations

from mypy.nodes import Expression, StrExpr
from mypy.plugin import CheckerPluginInterface, MethodSigContext
from mypy.subtypes import is_same_type, is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    ProperType,
    Type,
    TypeType,
    get_proper_type,
)

from typedbus.mypy.arguments import argument_of
from typedbus.mypy.buses import root_of
from typedbus.mypy.event_classes import classes_of, stranger_among, told_elsewhere
from typedbus.mypy.guesses import class_like
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import shown, shown_with_bases


def check_publish(context: MethodSigContext) -> CallableType:
    """Check what is published; after a report the signature takes it, so that mypy stays silent."""
    signature = context.default_signature
    root = root_of(context.type)
    argument = argument_of(context, 0)
    # A subclass may have a `publish` of its own, which takes something else.
    if root is None or argument is None or not is_same_type(signature.arg_types[0], root):
        return signature
    given = get_proper_type(context.api.get_expression_type(argument, signature.arg_types[0]))
    if not _refused(context.api, argument, given, root):
        return signature
    return signature.copy_modified(arg_types=[given, *signature.arg_types[1:]])


def _refused(
    api: CheckerPluginInterface, argument: Expression, given: ProperType, root: Type
) -> bool:
    report = Report(api, argument)
    carried = get_proper_type(root)
    if isinstance(argument, StrExpr) and not _carries(root, given):
        report.event_name(argument.value, class_like(argument.value, api))
    elif isinstance(given, AnyType) and not isinstance(carried, AnyType):
        if told_elsewhere(given):
            return False
        report.untyped_event(*shown(root))
    elif isinstance(given, FunctionLike) and given.is_type_obj():
        report.published_class(given.type_object().name)
    elif isinstance(given, TypeType) and (classes := classes_of(given.item)):
        report.published_class(classes[0].type.name)
    elif isinstance(carried, AnyType):
        if told_elsewhere(carried):
            return False
        report.untyped_publisher()
    elif stranger := stranger_among(given, root, mix_ins=False):
        report.outside(*shown_with_bases(stranger, root))
    else:
        return False
    return True


def _carries(root: Type, given: ProperType) -> bool:
    """Say whether a bus of *root* is known to carry *given*, which a bus of Any is not."""
    return not isinstance(get_proper_type(root), AnyType) and is_subtype(given, root)
