"""A handler against the events that it would receive."""

from __future__ import annotations

from mypy.nodes import Context, Expression, LambdaExpr, RefExpr
from mypy.plugin import CheckerPluginInterface
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    FunctionLike,
    NoneType,
    ParamSpecType,
    ProperType,
    Type,
    TypeOfAny,
    UninhabitedType,
    UnionType,
    get_proper_type,
)
from mypy.types_utils import remove_optional

from typedbus.mypy.event_classes import told_elsewhere
from typedbus.mypy.handed_on import handed_on
from typedbus.mypy.handler_types import accepted_by, callables_of, is_async
from typedbus.mypy.messages import Report
from typedbus.mypy.shown import handler_called, marked_for, shown


def check_handler(
    api: CheckerPluginInterface,
    handler: Expression,
    place: Context,
    expected: CallableType,
) -> Type:
    """Check *handler*; return the type that its parameter is to have from now on.

    That is *expected*, and the handler's own type where a mistake was reported, so that mypy does
    not report it again. Arity and result are left to mypy, which has the better words.
    """
    if isinstance(get_proper_type(expected.arg_types[0]), AnyType | ParamSpecType):
        return expected
    if isinstance(handler, LambdaExpr):
        expected = _with_defaults_of(api, handler, expected)
    given, fits = _type_of(api, handler, expected)
    inner, wanted = _innermost(api, handler, expected)
    report = Report(api, marked_for(inner, place))
    called = handler_called(inner, place)
    if inner is handler:
        return given if _Check(report, called, called, expected).refuses(given) else expected
    hidden, _ = _type_of(api, inner, wanted)
    # A delivery may have to be awaited itself, whatever is in it.
    awaited = called if any(map(is_async, callables_of(hidden))) else handler_called(handler, place)
    check = _Check(report, called, awaited, expected)
    if not fits:
        # By itself, a lambda takes anything.
        refused = not isinstance(inner, LambdaExpr) and check.refuses(given)
        return given if refused else expected
    # And it does not show that its handler is Any, or what a partial accepts.
    refused = _Check(report, called, called, wanted).refuses(hidden) or check.refuses_async(given)
    return given if refused else expected


def _with_defaults_of(
    api: CheckerPluginInterface, handler: LambdaExpr, expected: CallableType
) -> CallableType:
    """Return *expected* with the further parameters of `lambda event, each=each: ...`.

    Without them mypy cannot infer such a lambda (python/mypy#12557).
    """
    kinds = handler.arg_kinds[1:]
    if not all(kind.is_optional() for kind in kinds):
        return expected
    defaults = [argument.initializer for argument in handler.arguments[1:]]
    return expected.copy_modified(
        arg_types=[*expected.arg_types, *(_type_of_default(api, each) for each in defaults)],
        arg_kinds=[*expected.arg_kinds, *kinds],
        arg_names=[*expected.arg_names, *handler.arg_names[1:]],
    )


def _type_of_default(api: CheckerPluginInterface, default: Expression | None) -> Type:
    """Return the type of *default* if it is a name, as it is where a loop variable is kept."""
    if not isinstance(default, RefExpr):
        return AnyType(TypeOfAny.unannotated)
    return api.get_expression_type(default)


def _type_of(
    api: CheckerPluginInterface, handler: Expression, expected: CallableType
) -> tuple[ProperType, bool]:
    """Return the type of *handler* where *expected* is wanted, and whether it is right there.

    Where it is not, return its type by itself. Silently: mypy says what else is wrong with the
    expression when it gets there.
    """
    with api.msg.filter_errors() as errors:
        given = api.get_expression_type(handler, expected)
        fits = not errors.has_new_errors()
        if not fits and not isinstance(handler, LambdaExpr):
            given = api.get_expression_type(handler)
    return get_proper_type(given), fits


def _innermost(
    api: CheckerPluginInterface, handler: Expression, expected: CallableType
) -> tuple[Expression, CallableType]:
    """Return the handler inside all deliveries and wrappers, and the signature it is to have."""
    while (inner := handed_on(api, handler, expected.arg_types[0])) is not None:
        handler, expected = inner
    return handler, expected


class _Check:
    """One handler, checked against the signature that it is to have."""

    def __init__(self, report: Report, handler: str, awaited: str, expected: CallableType) -> None:
        self._report = report
        self._handler = handler
        self._awaited = awaited
        self._event = get_proper_type(expected.arg_types[0])
        self._awaits = not isinstance(get_proper_type(expected.ret_type), NoneType)

    def refuses(self, given: ProperType) -> bool:
        """Say whether a mistake in *given* was reported; the first one is enough."""
        if isinstance(given, AnyType):
            return self._refuses_untyped(given)
        if isinstance(given, UnionType):
            return any(self.refuses(get_proper_type(item)) for item in given.items)
        if isinstance(given, FunctionLike) and given.is_type_obj():
            return False
        signatures = callables_of(given)
        accepted = [get_proper_type(each) for each in map(accepted_by, signatures) if each]
        if len(accepted) < len(signatures):
            return False
        called = [one for one, each in zip(signatures, accepted, strict=True) if self._meets(each)]
        return self._refuses_parameter(accepted) or self._refuses_async(called)

    def refuses_async(self, given: ProperType) -> bool:
        """Say whether it was reported that nothing awaits *given*."""
        return self._refuses_async(callables_of(given))

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
        union = UnionType.make_union(accepted)
        # Of Never, as of a generic class whose arguments nothing tells, mypy has the better words.
        if is_subtype(self._event, union) or isinstance(union, UninhabitedType):
            return False
        union = get_proper_type(remove_optional(union))  # no event is None
        if is_subtype(union, self._event):
            self._report.takes_a_subclass(self._handler, *shown(union, self._event))
        else:
            self._report.takes_another(self._handler, *shown(union, self._event))
        return True

    def _meets(self, accepted: ProperType) -> bool:
        """Say whether a signature that takes *accepted* is called with some of the events."""
        events = self._event.items if isinstance(self._event, UnionType) else [self._event]
        return any(is_subtype(event, accepted) for event in events)

    def _refuses_async(self, signatures: list[CallableType]) -> bool:
        if self._awaits or not signatures or not all(map(is_async, signatures)):
            return False
        self._report.not_awaited(self._awaited)
        return True
