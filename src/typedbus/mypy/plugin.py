"""The plugin's hooks: which feature answers for which name.

A feature is imported when mypy first asks for it: a run that finds all in the cache never does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mypy.nodes import TypeInfo
from mypy.options import Options
from mypy.plugin import (
    ClassDefContext,
    FunctionContext,
    FunctionSigContext,
    MethodContext,
    MethodSigContext,
    Plugin,
    ReportConfigContext,
)
from mypy.types import FunctionLike, Type

import typedbus.mypy.messages  # noqa: F401 - makes the codes, which a configuration may name
from typedbus.mypy.digest import digest
from typedbus.mypy.names import (
    ASYNC_BUS,
    ASYNC_PUBLISHER,
    ASYNC_REGISTRAR,
    BUS,
    LISTENING,
    NAMING,
    PUBLISH,
    PUBLISHER,
    REGISTRAR,
    REGISTRY,
    SUBSCRIBE,
)

_BUSES = frozenset({BUS, ASYNC_BUS})
_REGISTRARS = frozenset({f"{REGISTRAR}.__call__", f"{ASYNC_REGISTRAR}.__call__"})
_METHODS = LISTENING | {SUBSCRIBE, PUBLISH}
# Called everywhere, and they take no publisher: a look at each of them would be felt.
_NEVER = ("builtins.", "typing.")
# What most calls are made on: these need not be looked up.
_OURS = frozenset({BUS, ASYNC_BUS, PUBLISHER, ASYNC_PUBLISHER})


class TypedbusPlugin(Plugin):
    """Claims the methods of buses only: no other plugin is asked for what is claimed."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._resting_on_text = set[str]()

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Return what checks the call of *fullname*, which names the class of the object."""
        owner, _, method = fullname.rpartition(".")
        if method in _METHODS and (owner in _OURS or self._is_ours(owner)):
            from typedbus.mypy.methods import CHECKS

            return CHECKS[method]
        if fullname in _REGISTRARS:
            from typedbus.mypy.decorating import check_decorated

            return check_decorated
        return None

    def get_function_signature_hook(
        self, fullname: str
    ) -> Callable[[FunctionSigContext], FunctionLike] | None:
        """Return what checks the call of a bus's class, or of what takes a `Publisher`."""
        found = None if fullname.startswith(_NEVER) else self.lookup_fully_qualified(fullname)
        if found is None:
            return None
        if isinstance(found.node, TypeInfo) and found.node.has_base(REGISTRY):
            from typedbus.mypy.making import check_root

            return check_root
        from typedbus.mypy.injecting import check_injected, takes_a_publisher

        return check_injected if takes_a_publisher(found.node) else None

    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        """Return what checks the call that makes a bus."""
        if fullname not in _BUSES:
            return None
        from typedbus.mypy.making import check_made

        return check_made

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Return what gives a decorated function its own type again."""
        if fullname not in _REGISTRARS:
            return None
        from typedbus.mypy.decorating import keep_decorated

        return keep_decorated

    def get_class_decorator_hook_2(self, fullname: str) -> Callable[[ClassDefContext], bool] | None:
        """Return what checks a class with a wire name."""
        if fullname != NAMING:
            return None
        from typedbus.mypy.storing import check_stored

        return partial(check_stored, resting_on_text=self._resting_on_text)

    def report_config_data(self, ctx: ReportConfigContext) -> Any:
        """Return what the results of every module depend on: the plugin's own text.

        mypy's check of changed plugins sees neither the modules that a plugin imports nor the
        modules that a run does not name. Nor does it see how another file is written, as long as
        its names and types stay the same: what rests on that is looked at again by every run.
        """
        again = not ctx.is_check and ctx.id in self._resting_on_text
        return [_DIGEST, "look again"] if again else [_DIGEST]

    def _is_ours(self, owner: str) -> bool:
        found = self.lookup_fully_qualified(owner)
        return (
            found is not None
            and isinstance(found.node, TypeInfo)
            and any(map(found.node.has_base, (REGISTRY, PUBLISHER, ASYNC_PUBLISHER)))
        )


# Of the files that were imported, which are not always those of later.
_DIGEST = digest()
