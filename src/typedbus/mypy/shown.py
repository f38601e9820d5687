"""How messages call types and handlers."""

from __future__ import annotations

from mypy.messages import format_type_distinctly
from mypy.nodes import (
    CallExpr,
    Context,
    Decorator,
    Expression,
    IndexExpr,
    LambdaExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
)
from mypy.options import Options
from mypy.types import Instance, Type


def shown(*types: Type) -> tuple[str, ...]:
    """Return *types* in quotes, with their modules where two of them look alike."""
    return format_type_distinctly(*types, options=Options())


def shown_with_bases(event: Instance, root: Type) -> tuple[str, ...]:
    """Return *event* and *root* in quotes, the root so that no base of *event* looks like it."""
    bases = [Instance(base, []) for base in event.type.mro[1:]]
    return shown(event, root, *bases)[:2]


def handler_called(handler: Expression, place: Context) -> str:
    """Return the subject of a sentence about *handler*, by the name that its author gave it."""
    if isinstance(place, Decorator):
        return f'Handler "{place.name}"'
    name = _name_of(handler)
    if name:
        return f'Handler "{name}"'
    return "The lambda" if isinstance(handler, LambdaExpr) else "The handler"


def marked_for(handler: Expression, place: Context) -> Context:
    """Return what a report about *handler* marks: of a decorated function, the line of the bus.

    mypy's place is the whole function, from the first decorator to the last line. Its stand-in
    for the function begins where the bus's own decorator does.
    """
    if not isinstance(place, Decorator):
        return handler
    start = (handler.line, handler.column)
    return next((each for each in place.decorators if (each.line, each.column) == start), place)


def _name_of(handler: Expression) -> str | None:
    """Return the name in *handler*, also inside the deliveries and partials around it."""
    match handler:
        case NameExpr(name=name) | MemberExpr(name=name):
            return name
        case CallExpr(callee=RefExpr(fullname="functools.partial"), args=[inner, *_]):
            return _name_of(inner)
        case CallExpr(callee=callee):
            return _name_of(callee)
        case IndexExpr(base=base):
            return _name_of(base)
        case _:
            return None
