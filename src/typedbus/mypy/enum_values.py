"""What the members of an enum are worth."""

from __future__ import annotations

from enum import Enum, auto

from mypy.nodes import (
    AssignmentStmt,
    BytesExpr,
    CallExpr,
    Expression,
    FloatExpr,
    IntExpr,
    NameExpr,
    RefExpr,
    StrExpr,
    TupleExpr,
    TypeInfo,
    Var,
)
from mypy.types import Instance, TupleType, get_proper_type


class Worth(Enum):
    """A kind of value; the others say nothing here."""

    TEXT = auto()
    NUMBER = auto()
    BYTES = auto()
    TUPLE = auto()


_BY_CLASS = {
    "builtins.str": Worth.TEXT,
    "builtins.int": Worth.NUMBER,
    "builtins.float": Worth.NUMBER,
    "enum.auto": Worth.NUMBER,
    "builtins.bytes": Worth.BYTES,
}


def values_of(info: TypeInfo) -> set[Worth]:
    """Return what the members of the enum *info* are worth, as far as that can be seen.

    Their types are known once mypy has checked the class; until then its statements are there.
    """
    if "__new__" in info.names:  # which may give the members any other value
        return set()
    written = {
        _of_expression(statement.rvalue)
        for statement in info.defn.defs.body
        if isinstance(statement, AssignmentStmt) and isinstance(statement.lvalues[0], NameExpr)
    }
    inferred = {
        _of_variable(symbol.node)
        for name, symbol in info.names.items()
        if isinstance(symbol.node, Var) and not name.startswith("_")
    }
    return {worth for worth in written | inferred if worth is not None}


def _of_expression(value: Expression) -> Worth | None:
    match value:
        case StrExpr():
            return Worth.TEXT
        case IntExpr() | FloatExpr():
            return Worth.NUMBER
        case BytesExpr():
            return Worth.BYTES
        case TupleExpr():
            return Worth.TUPLE
        case CallExpr(callee=RefExpr(fullname="enum.auto")):
            return Worth.NUMBER
        case _:
            return None


def _of_variable(member: Var) -> Worth | None:
    match get_proper_type(member.type):
        case TupleType():
            return Worth.TUPLE
        case Instance(type=info):
            return _BY_CLASS.get(info.fullname)
        case _:
            return None
