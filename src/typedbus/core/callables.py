"""What a handler is made of: its name, its place, whether it is async, what it takes.

`inspect` is imported inside the functions: with it, importing typedbus would take twice as long,
and it is first needed when something subscribes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from types import CodeType, FunctionType, MethodType
from typing import Any, Final

from typedbus.core.errors import NotAHandlerError

AnyHandler = Callable[[Any], Any]

_CO_COROUTINE: Final = 0x80
"""`inspect.CO_COROUTINE`, without the import of inspect."""


def name_of(handler: object) -> str:
    """Return the name that messages call *handler* by: `shop.mail.send_welcome`."""
    if isinstance(handler, partial):
        return f"partial({name_of(handler.func)})"
    if hasattr(handler, "__wrapped__"):
        return name_of(handler.__wrapped__)
    target = handler
    name = getattr(target, "__qualname__", None)
    if not isinstance(name, str):
        target = type(handler)
        name = f"{target.__qualname__}()"
    module = getattr(target, "__module__", None)
    return f"{module}.{name}" if isinstance(module, str) else name


def place_of(handler: object) -> tuple[str, int] | None:
    """Return the module and the line where *handler* was written, where Python knows them."""
    handler = _innermost(handler)
    code = getattr(handler, "__code__", None)
    if type(code) is not CodeType:  # a mock's claims to be one
        handler = _innermost(_call_method(handler))
        code = getattr(handler, "__code__", None)
    module = getattr(handler, "__module__", None)
    if type(code) is CodeType and isinstance(module, str):
        return module, code.co_firstlineno
    return None


def is_async(handler: object) -> bool:
    """Say whether *handler* is known to return an awaitable each time it is called."""
    while isinstance(handler, partial):
        handler = handler.func
    if type(handler) is FunctionType and not handler.__dict__:
        # What most handlers are, and nothing marks it: what inspect would find out in ten steps,
        # at each publish of a delivery.
        return bool(handler.__code__.co_flags & _CO_COROUTINE)
    from inspect import iscoroutinefunction

    return iscoroutinefunction(handler) or iscoroutinefunction(_call_method(handler))


def returns_nothing(handler: object) -> bool:
    """Say whether *handler* is known to return None, whatever happens.

    So it is for a function, a method or an object whose code has no other `return`.
    """
    if type(handler) is MethodType:
        handler = handler.__func__
    elif type(handler) is not FunctionType:
        handler = _call_method(handler)
    # By type, not by attribute: a proxy shows the code of what it stands for, and runs its own.
    return type(handler) is FunctionType and _only_returns_none(handler.__code__)


@lru_cache(maxsize=4096)
def _only_returns_none(code: CodeType) -> bool:
    from dis import get_instructions
    from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR

    if code.co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR):
        return False
    loads_none = False
    for instruction in get_instructions(code):
        match instruction.opname:
            case "RETURN_CONST" if instruction.argval is not None:  # Python 3.12 and 3.13
                return False
            # Jumped to, it may find on the stack what was not loaded on the line before.
            case "RETURN_VALUE" if not loads_none or instruction.is_jump_target:
                return False
            case name:
                loads_none = name == "LOAD_CONST" and instruction.argval is None
    return True


def check_handler(handler: object, event_type: str | None = None) -> None:
    """Raise `NotAHandlerError` unless *handler* can be called with one event."""
    problem = _why_not_a_handler(handler)
    if problem is not None:
        raise NotAHandlerError(*problem, event_type)


def _why_not_a_handler(handler: object) -> tuple[str, str, str] | None:
    """Return what *handler* is, the problem with it and its remedy, if there is one."""
    if not callable(handler):
        return repr(handler), "it is not callable", "pass the function itself, uncalled"
    if isinstance(handler, type):
        return (
            f"the class {name_of(handler)}",
            "each event would only make an instance of it",
            f"pass an instance: {handler.__name__}(...)",
        )
    if _yields(handler):
        return name_of(handler), "it yields, so calling it runs nothing", "take out the yield"
    return _why_not_with_one_event(handler)


def _yields(handler: Callable[..., object]) -> bool:
    """Say whether calling *handler* makes a generator and runs nothing of its body."""
    from inspect import isasyncgenfunction, isgeneratorfunction

    function = handler.func if isinstance(handler, partial) else handler
    return any(
        isgeneratorfunction(each) or isasyncgenfunction(each)
        for each in (function, _call_method(function))
    )


def _why_not_with_one_event(handler: Callable[..., object]) -> tuple[str, str, str] | None:
    from inspect import signature

    try:
        # What is called is the outermost: a decorator may give more arguments than it takes.
        parameters = signature(handler, follow_wrapped=False)
    except (TypeError, ValueError):
        # Some built-ins tell no signature; what they take shows at the first call.
        return None
    try:
        parameters.bind(object())
    except TypeError as error:
        return (
            f"{name_of(handler)}{parameters}",
            f"it is called with one event and nothing else ({error})",
            "give it one parameter for the event, and defaults for the others",
        )
    return None


def _call_method(handler: object) -> object:
    """Return what runs when *handler*, an object with a `__call__` of its own, is called."""
    return getattr(type(handler), "__call__", None)  # noqa: B004 - which one, not whether


def _innermost(handler: object) -> object:
    """Follow partials, methods and `functools.wraps` down to what somebody wrote."""
    while True:
        inner = (
            handler.func
            if isinstance(handler, partial)
            else getattr(handler, "__wrapped__", None) or getattr(handler, "__func__", None)
        )
        if inner is None or inner is handler:
            return handler
        handler = inner
