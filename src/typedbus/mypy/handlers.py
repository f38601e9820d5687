"""A handler against the events that it would receive."""

from __future__ import annotations

from mypy.nodes import ARG_OPT, Context, Expression, LambdaExpr
from mypy.plugin import CheckerPluginInterface
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    ProperType,
    Type,
    TypeOfAny,
    UnionType,
    get_proper_type,
)

from typedbus.mypy.event_classes import told_elsewhere
from typedbus.mypy.handler_types import accepted_by, callables_of, is_async
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import handler_called, shown


def check_handler(
    api: CheckerPluginInterface,
    handler: Expression,
    place: Context,
    expected: CallableType,
    *,
    awaits: bool,
) -> Type:
    """Check *handler*; return the type that its parameter is to have from now on.

    That is *expected*, and the handler's own type where a mistake was reported, so that mypy does
    not report it again. Arity and result are left to mypy, which has the better words.
    """
    event = get_proper_type(expected.arg_types[0])
    if isinstance(event, AnyType):
        return expected
    if isinstance(handler, LambdaExpr):
        expected = _with_defaults_of(handler, expected)
    given = _type_of(api, handler, expected)
    check = _Check(Report(api, place), handler_called(handler, place), event, awaits=awaits)
    return given if check.refuses(given) else expected


def _with_defaults_of(handler: LambdaExpr, expected: CallableType) -> CallableType:
    """Return *expected* with the further parameters of `lambda event, each=each: ...`.

    Without them mypy cannot infer such a lambda (python/mypy#12557).
    """
    kinds = handler.arg_kinds[1:]
    if not kinds or any(kind is not ARG_OPT for kind in kinds):
        return expected
    return expected.copy_modified(
        arg_types=[*expected.arg_types, *(AnyType(TypeOfAny.unannotated) for _ in kinds)],
        arg_kinds=[*expected.arg_kinds, *kinds],
        arg_names=[*expected.arg_names, *handler.arg_names[1:]],
    )


def _type_of(
    api: CheckerPluginInterface, handler: Expression, expected: CallableType
) -> ProperType:
    """Return the type of *handler* where *expected* is wanted, or else its type by itself.

    Silently: mypy says what else is wrong with the expression when it gets there.
    """
    with api.msg.filter_errors() as errors:
        given = api.get_expression_type(handler, expected)
        if errors.has_new_errors() and not isinstance(handler, LambdaExpr):
            given = api.get_expression_type(handler)
    return get_proper_type(given)


class _Check:
    """One handler, checked against one class of events."""

    def __init__(self, report: Report, handler: str, event: ProperType, *, awaits: bool) -> None:
        self._report = report
        self._handler = handler
        self._event = event
        self._awaits = awaits

    def refuses(self, given: ProperType) -> bool:
        """Say whether a mistake in *given* was reported; the first one is enough."""
        if isinstance(given, AnyType):
            return self._refuses_untyped(given)
        if isinstance(given, UnionType):
            return any(self.refuses(get_proper_type(item)) for item in given.items)
        signatures = callables_of(given)
        accepted = [get_proper_type(each) for each in map(accepted_by, signatures) if each]
        if not accepted or len(accepted) < len(signatures):
            return False
        return self._refuses_parameter(accepted) or self._refuses_async(signatures)

    def _refuses_untyped(self, given: AnyType) -> bool:
        if told_elsewhere(given):
            return False
        self._report.untyped_handler(self._handler, *shown(self._event))
        return True

    def _refuses_parameter(self, accepted: list[ProperType]) -> bool:
        untyped = [each for each in accepted if isinstance(each, AnyType)]
        if untyped:
            if told_elsewhere(untyped[0]):
                return False
            self._report.untyped_parameter(self._handler, *shown(self._event))
            return True
        if any(is_subtype(self._event, each) for each in accepted):
            return False
        union = UnionType.make_union(accepted)
        if is_subtype(union, self._event):
            self._report.takes_a_subclass(self._handler, *shown(union, self._event))
        else:
            self._report.takes_another(self._handler, *shown(union, self._event))
        return True

    def _refuses_async(self, signatures: list[CallableType]) -> bool:
        if self._awaits or not any(map(is_async, signatures)):
            return False
        self._report.not_awaited(self._handler)
        return True
