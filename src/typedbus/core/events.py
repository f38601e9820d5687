"""Event, and what may travel: which classes are event classes, which objects are events."""

from __future__ import annotations

from types import GenericAlias, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    NewType,
    TypeVar,
    Union,
    dataclass_transform,
    get_origin,
    is_typeddict,
)

from typedbus.core.errors import EventOutsideError, EventTypeError, NotAnEventError

if TYPE_CHECKING:
    from dataclasses import field
else:
    # `dataclasses` costs more to import than the whole of typedbus (it needs inspect), so it
    # waits for the first event class. Type checkers read the name, the run time never calls it.
    field = None


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Event:
    """A fact that happened: a subclass is a frozen, keyword-only dataclass, undecorated.

    A field without a default may follow one that has a default in a base class. Deriving from
    `Event` is a convenience: any class can be the root of a bus.
    """

    __slots__ = ()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Imported here, not above: see `field`.
        from dataclasses import dataclass

        dataclass(frozen=True, kw_only=True)(cls)


def name_of_class(cls: type) -> str:
    """Return the name that messages call *cls* by: its module and qualified name."""
    return f"{cls.__module__}.{cls.__qualname__}"


def event_class(given: object, root: type | None = None, handler: str | None = None) -> type:
    """Return *given* if events can be instances of it; raise `EventTypeError` if not.

    *root* is what the bus carries, *handler* the one being subscribed.
    """
    if isinstance(given, str):
        problem, remedy = "no string names an event", _meant(given, root or object, "{}")
    else:
        problem, remedy = _why_not_a_class(given) or ("", "")
    if problem or not isinstance(given, type):
        bus = name_of_class(root) if root else None
        raise EventTypeError(_shown(given), problem, remedy, bus, handler)
    return given


def check_carried(event_type: type, root: type, act: str, handler: str | None = None) -> None:
    """Raise `EventOutsideError` unless a bus of *root* can meet instances of *event_type*.

    That is so for subclasses of the root, for its bases, and for mix-ins: classes beside the
    root of which some event class inherits too.
    """
    if inherits(event_type, root) or inherits(root, event_type):
        return
    if not any(inherits(each, root) for each in descendants(event_type)):
        raise EventOutsideError(name_of_class(event_type), name_of_class(root), act, handler)


def check_event(given: object, root: type) -> None:
    """Raise unless *given* is an instance of a class that a bus of *root* carries."""
    if isinstance(given, type):
        raise NotAnEventError(
            f"the class {name_of_class(given)}",
            "an event is an instance",
            f"call it: {given.__name__}(...)",
        )
    if inherits(type(given), root):
        return
    carries = f"this bus carries {name_of_class(root)}"
    if isinstance(given, str):
        raise NotAnEventError(
            _shown(given),
            f"{carries}, and no string names an event",
            _meant(given, root, "{}(...)"),
        )
    if type(given).__module__ == "builtins":
        raise NotAnEventError(_shown(given), carries, "publish an instance of an event class")
    raise EventOutsideError(name_of_class(type(given)), name_of_class(root), "publish")


def inherits(cls: type, base: type) -> bool:
    """Say whether *base* is *cls* or a base class of it, which is what dispatch goes by.

    Not `issubclass`: it asks the metaclass, which may know of classes that only claim to be one
    (`ABC.register`), and raises for a protocol.
    """
    return base in cls.__mro__


def descendants(cls: type) -> set[type]:
    """Return every class that inherits from *cls*, itself included."""
    found = set[type]()
    waiting = [cls]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            # `type.__subclasses__(each)`: a metaclass (an event class named `type`) has its own.
            waiting.extend(type.__subclasses__(each))
    return found


def _why_not_a_class(given: object) -> tuple[str, str] | None:
    """Return the problem with *given* as an event class and its remedy, if there is one."""
    if isinstance(given, GenericAlias) or get_origin(given) not in (None, Union, UnionType):
        origin = getattr(get_origin(given), "__name__", "the class")
        return "type arguments are gone at run time", f"subscribe to {origin} itself"
    if isinstance(given, UnionType) or get_origin(given) is Union:
        return "a union is no class", "subscribe once for each of its classes"
    if isinstance(given, NewType):
        return "a NewType is gone at run time", "derive an event class of its own"
    if isinstance(given, TypeVar) or given is Any:
        return "it stands for many classes", "write one event class"
    if not isinstance(given, type):
        builtin = given is None or callable(given) or type(given).__module__ == "builtins"
        such_as = "" if builtin else f", such as {type(given).__name__}"
        return "it is no class", f"write the class{such_as}"
    if is_typeddict(given):
        return "a TypedDict has no instances of its own", "make it a dataclass or an Event"
    if given is type or issubclass(given, type):
        return "a class published instead of an instance is a mistake", "write an event class"
    return None


def _shown(given: object) -> str:
    """Return *given* as messages show it: not longer than a line."""
    shown = repr(given)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _meant(name: str, root: type, form: str) -> str:
    """Return a remedy for the event name *name*: the class it is like, written as *form*."""
    from difflib import get_close_matches

    camel = "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").split("_"))
    carried = [] if root is object else [each.__name__ for each in descendants(root)]
    for match in get_close_matches(camel, carried, n=1):
        return f"write {form.format(match)}"
    return f"write {form.format('its class')}"
