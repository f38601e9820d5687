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
)
from mypy.options import Options
from mypy.types import Type


def shown(*types: Type) -> tuple[str, ...]:
    """Return *types* in quotes, with their modules where two of them look alike."""
    return format_type_distinctly(*types, options=Options())


def handler_called(handler: Expression, place: Context) -> str:
    """Return the subject of a sentence about *handler*, by the name that its author gave it."""
    if isinstance(place, Decorator):
        return f'Handler "{place.name}"'
    name = _name_of(handler)
    if name:
        return f'Handler "{name}"'
    return "The lambda" if isinstance(handler, LambdaExpr) else "The handler"


def _name_of(handler: Expression) -> str | None:
    """Return the name in *handler*, also inside the deliveries and partials around it."""
    match handler:
        case NameExpr(name=name) | MemberExpr(name=name):
            return name
        case CallExpr(args=[inner, *_]):
            return _name_of(inner) or _name_of(handler.callee)
        case CallExpr(callee=callee):
            return _name_of(callee)
        case IndexExpr(base=base):
            return _name_of(base)
        case _:
            return None
