"""Wire names: what event classes are called where they are stored or sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final, NamedTuple, Never, TypeVar
from weakref import WeakKeyDictionary

from typedbus.core.errors import UnknownWireNameError, WireNameError
from typedbus.core.events import event_class, name_of_class

C = TypeVar("C", bound=type)


class WireName(NamedTuple):
    """What an event class is called outside of its process."""

    name: str
    """What its events are stored under."""
    version: int
    """Which of the versions of its fields they have."""
    aliases: tuple[str, ...]
    """What older events may be stored under."""

    def all(self) -> set[str]:
        """Return the name and the aliases."""
        return {self.name, *self.aliases}


# A name stays taken. If the class were held weakly, it would hang on the garbage collector whether
# another class may have the name, and whether a stored event can be read.
_classes: Final[dict[str, type]] = {}
# The newest class of each home, which is its module and qualified name.
_homes: Final[dict[str, type]] = {}
# Weak: a class that was defined anew has its name for as long as there are events of it.
_names: Final[WeakKeyDictionary[type, WireName]] = WeakKeyDictionary()
_lock: Final = Lock()

_EXAMPLE: Final = 'write @event(name="invoice.approved")'


def event(
    *misplaced: Never, name: str, version: int = 1, aliases: Sequence[str] = ()
) -> Callable[[C], C]:
    """Give the class below a wire name, which its events need to leave the process.

    They are stored and sent under that name, so the class may be renamed and moved. A name belongs
    to one class, and a subclass needs its own. Write it above the other decorators of the class.

    Args:
        misplaced: Nothing: it is all passed by keyword.
        name: What the event is called wherever it is stored, such as "invoice.approved".
        version: To be raised with each change of the fields that old events cannot follow.
        aliases: Former names, under which events may still be stored.
    """
    if misplaced:
        act = f"name an event class by {misplaced[0]!r}"
        raise WireNameError(act, "a wire name is passed by keyword", _EXAMPLE)
    wire_name = WireName(name, version, _checked(name, version, aliases))

    def give_name(cls: C) -> C:
        _register(event_class(cls), wire_name)
        return cls

    return give_name


def wire_name_of(cls: type) -> WireName:
    """Return what *cls* is called where it is stored; raise `WireNameError` if it has no name."""
    found = _names.get(cls)
    if found is not None:
        return found
    home = name_of_class(cls)
    if home in _homes:
        problem, remedy = "it is not the class that was named", "write @event above what remakes it"
    else:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", ".", cls.__name__).lower()
        problem = "it has no wire name, and that of the class may change"
        remedy = f"write @event(name={words!r}) above it"
    raise WireNameError(f"store events of {home}", problem, remedy)


def class_named(name: str) -> type:
    """Return the class that is called *name* now or was once; raise `UnknownWireNameError`."""
    found = _classes.get(name)
    if found is not None:
        return found
    from difflib import get_close_matches

    near = " or ".join(map(repr, get_close_matches(name, _classes)))
    like = f", only {near}" if near else ""
    remedy = "import the module that defines it, or add the name to the aliases of its class"
    raise UnknownWireNameError(f"read an event named {name!r}", f"no class has it{like}", remedy)


def _checked(name: str, version: object, aliases: Sequence[str]) -> tuple[str, ...]:
    """Return *aliases*; raise for what type checkers let through."""
    if isinstance(aliases, str):  # which is a sequence of strings
        act, remedy = f"take {aliases!r} for aliases", f"write aliases=[{aliases!r}]"
        raise WireNameError(act, "it is one string", remedy)
    for given in (name, *aliases):
        if not _is_name(given):
            problem = "a wire name is a string, not empty and without white space"
            raise WireNameError(f"name an event class {given!r}", problem, _EXAMPLE)
    if not isinstance(version, int) or version < 1:
        act = f"give {name!r} the version {version!r}"
        raise WireNameError(act, "versions are counted from 1", "write version=1")
    return tuple(aliases)


def _is_name(given: object) -> bool:
    return isinstance(given, str) and re.fullmatch(r"\S+", given) is not None


def _register(cls: type, wire_name: WireName) -> None:
    """Note that *cls* has *wire_name*, or raise and leave everything as it was."""
    home = name_of_class(cls)
    with _lock:
        if cls in _names:
            problem = f"it has the wire name {_names[cls].name!r}"
            remedy = "keep one @event, and put the other names into its aliases"
            raise WireNameError(f"name {home} {wire_name.name!r}", problem, remedy)
        for name in sorted(wire_name.all()):
            taken_by = name_of_class(_classes.get(name, cls))
            if taken_by != home:
                problem = f"{taken_by} has that wire name"
                remedy = "take another, or keep one class and raise its version"
                raise WireNameError(f"name {home} {name!r}", problem, remedy)
        if home in _homes:  # its module has run again: a reload, or a cell of a notebook
            for name in _names[_homes[home]].all():
                del _classes[name]
        _classes.update(dict.fromkeys(wire_name.all(), cls))
        _homes[home], _names[cls] = cls, wire_name
