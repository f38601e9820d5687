"""The plugin's hooks: which feature answers for which name."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from mypy.nodes import TypeInfo
from mypy.plugin import (
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
    Plugin,
    ReportConfigContext,
)
from mypy.types import FunctionLike, Type

from typedbus.mypy.decorating import check_decorated, keep_decorated
from typedbus.mypy.injecting import check_injected, takes_a_publisher
from typedbus.mypy.names import (
    ASYNC_PUBLISHER,
    ASYNC_REGISTRAR,
    LISTENING,
    PUBLISH,
    PUBLISHER,
    REGISTRAR,
    REGISTRY,
    SUBSCRIBE,
)
from typedbus.mypy.publishing import check_publish
from typedbus.mypy.subscribing import check_event_class, check_subscribe

_REGISTRARS = frozenset({f"{REGISTRAR}.__call__", f"{ASYNC_REGISTRAR}.__call__"})
_CHECKS: dict[str, Callable[[MethodSigContext], FunctionLike]] = {
    SUBSCRIBE: check_subscribe,
    PUBLISH: check_publish,
    **dict.fromkeys(LISTENING, check_event_class),
}
# Called everywhere, and they take no publisher: a look at each of them would be felt.
_NEVER = ("builtins.", "typing.")
_OURS = (REGISTRY, PUBLISHER, ASYNC_PUBLISHER)


class TypedbusPlugin(Plugin):
    """Claims the methods of buses only: no other plugin is asked for what is claimed."""

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Return what checks the call of *fullname*, which names the class of the object."""
        if fullname in _REGISTRARS:
            return check_decorated
        owner, _, method = fullname.rpartition(".")
        check = _CHECKS.get(method)
        return check if check is not None and self._is_ours(owner) else None

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Return what checks the call of a function, or class, that takes a `Publisher`."""
        found = None if fullname.startswith(_NEVER) else self.lookup_fully_qualified(fullname)
        return check_injected if found is not None and takes_a_publisher(found.node) else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Return what gives a decorated function its own type again."""
        return keep_decorated if fullname in _REGISTRARS else None

    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """Return what the results of every module depend on: the plugin's own text.

        mypy's check of changed plugins sees neither the modules that a plugin imports nor the
        modules that a run does not name.
        """
        return _DIGEST

    def _is_ours(self, owner: str) -> bool:
        found = self.lookup_fully_qualified(owner)
        return (
            found is not None
            and isinstance(found.node, TypeInfo)
            and any(found.node.has_base(name) for name in _OURS)
        )


def _digest() -> str:
    folder = Path(__file__).parent
    return sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))).hexdigest()


_DIGEST = _digest()
