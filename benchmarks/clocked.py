"""The mypy plugin with clocks in it: how often mypy asks, where, and how long the answers take."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from time import thread_time_ns
from typing import Any, TypeVar

from mypy import api
from mypy.plugin import ClassDefContext

from typedbus.mypy.plugin import TypedbusPlugin

T = TypeVar("T")
INFERENCE = "types asked of mypy"
HOOKS = [name for name in vars(TypedbusPlugin) if name.startswith("get_") and "_hook" in name]


@dataclass
class Clock:
    """How often something was done, and how long it took without what other clocks took of it."""

    times: int = 0
    nanoseconds: int = 0
    places: set[tuple[str, int]] = field(default_factory=set)
    """The file and line of each call that was checked."""


_clocks: dict[str, Clock] = {}
_within = [0]
"""For each clock that runs, the nanoseconds of the clocks inside it; the first is nobody's."""


def plugin(version: str) -> type[TypedbusPlugin]:
    """Return the plugin's class, as mypy's plugin interface asks for."""
    return type("ClockedPlugin", (TypedbusPlugin,), {name: _hook(name) for name in HOOKS})


def run(*arguments: str) -> None:
    """Run mypy in this very process, and print the clocks as JSON."""
    output, error, exit_code = api.run(list(arguments))
    if exit_code:
        sys.exit(output + error)
    print(json.dumps({name: asdict(clock) for name, clock in _clocks.items()}, default=len))


def _hook(name: str) -> Callable[[TypedbusPlugin, str], object]:
    """Return the hook *name* of the plugin, with clocks around it and around what it answers."""
    look_up = getattr(TypedbusPlugin, name)

    def hook(plugin: TypedbusPlugin, fullname: str) -> object:
        check = _clocked(name, look_up, plugin, fullname)
        if check is None:
            return None
        called = check.func if isinstance(check, partial) else check
        what = f"{called.__name__}, {fullname.rpartition('.')[2]}"
        return lambda context: _clocked_check(what, check, context)

    return hook


def _clocked_check(what: str, check: Callable[[Any], T], context: Any) -> T:
    match context:
        case ClassDefContext(cls=place, api=analyzer):
            file = analyzer.cur_mod_id
        case _:
            place, file = context.context, context.api.path
            context = context._replace(api=_ClockedChecker(context.api))
    checked = _clocked(what, check, context)
    _clocks[what].places.add((file, place.line))
    return checked


class _ClockedChecker:
    """mypy's checker, with a clock on what infers a type."""

    def __init__(self, checker: Any) -> None:
        self._checker = checker

    def get_expression_type(self, *arguments: object) -> object:
        return _clocked(INFERENCE, self._checker.get_expression_type, *arguments)

    def __getattr__(self, name: str) -> object:
        return getattr(self._checker, name)


def _clocked(what: str, function: Callable[..., T], *arguments: object) -> T:
    clock = _clocks.setdefault(what, Clock())
    _within.append(0)
    started = thread_time_ns()
    try:
        return function(*arguments)
    finally:
        elapsed = thread_time_ns() - started
        clock.times += 1
        clock.nanoseconds += elapsed - _within.pop()
        _within[-1] += elapsed
