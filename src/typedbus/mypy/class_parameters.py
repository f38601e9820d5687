"""A parameter `type[E]`: the class that it is given is said in the whole signature."""

from __future__ import annotations

from mypy.expandtype import expand_type
from mypy.subtypes import is_subtype
from mypy.types import CallableType, Type, TypeType, TypeVarType, get_proper_type


def class_variable_of(signature: CallableType) -> TypeVarType | None:
    """Return the variable of a first parameter `type[E]`, None if it is another one."""
    match [get_proper_type(formal) for formal in signature.arg_types[:1]]:
        case [TypeType(item=TypeVarType() as variable)] if variable in signature.variables:
            return variable
        case _:
            return None


def with_class(
    signature: CallableType, variable: TypeVarType, instances: Type, given: Type
) -> CallableType:
    """Return *signature* with *instances* for *variable*, and *given* for its first parameter.

    *given* is the argument's own type: mypy would not have an abstract class for a `type[E]`.
    A class outside of the variable's bound is left to mypy.
    """
    if not is_subtype(instances, variable.upper_bound):
        return signature
    others = [each for each in signature.variables if each.id != variable.id]
    said = expand_type(signature.copy_modified(variables=others), {variable.id: instances})
    return said.copy_modified(arg_types=[given, *said.arg_types[1:]])
