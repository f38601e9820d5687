"""What a bus, or who publishes on its behalf, carries."""

from __future__ import annotations

from mypy.maptype import map_instance_to_supertype
from mypy.types import Instance, Type, get_proper_type

from typedbus.mypy.names import ASYNC_PUBLISHER, PUBLISHER, REGISTRY

_CARRIERS = (REGISTRY, PUBLISHER, ASYNC_PUBLISHER)


def root_of(carrier: Type) -> Type | None:
    """Return the class whose events *carrier* carries, None if it is none of ours."""
    carrier = get_proper_type(carrier)
    if not isinstance(carrier, Instance):
        return None
    for base in carrier.type.mro:
        if base.fullname in _CARRIERS:
            return map_instance_to_supertype(carrier, base).args[0]
    return None
