"""The outbox that a command is about: imported by its name, and used by its protocol alone."""

from __future__ import annotations

import os
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple, Protocol, cast, runtime_checkable
from uuid import UUID

from typedbus.cli.command import CommandError
from typedbus.outbox.operators import Operators, Reference
from typedbus.outbox.relay import Relay
from typedbus.outbox.settings import RelaySettings

_VARIABLE: Final = "TYPEDBUS_OUTBOX"
_SHAPE: Final = "MODULE:ATTRIBUTE"
NUMBERED: Final = "events, each by its number or its id"


@runtime_checkable
class Operated(Protocol):
    """What an outbox offers to those who operate it."""

    def operators(self) -> Operators:
        """Return what people may do with it by hand."""
        ...

    def relay(self, settings: RelaySettings, /) -> Relay:
        """Return a relay of it."""
        ...


class Words(NamedTuple):
    """The words of a command that are no options."""

    outbox: str | None
    others: Sequence[str]


def add_outbox(parser: ArgumentParser, others: str = "") -> None:
    """Let the command take an outbox, and words of which *others* says what they are."""
    outbox = f"where the outbox is, such as shop.main:outbox (default: ${_VARIABLE})"
    help_of_words = f"{others}; and {outbox}" if others else outbox
    parser.add_argument("words", nargs="*", metavar="WORD", help=help_of_words)


def words_of(arguments: Namespace) -> Words:
    """Return the words of *arguments*, the outbox being the one with a colon in it."""
    names = [word for word in arguments.words if ":" in word]
    if len(names) > 1:
        raise CommandError(f"{names[0]!r} and {names[1]!r} are both names of an outbox: give one")
    others = [word for word in arguments.words if ":" not in word]
    return Words(names[0] if names else None, others)


def references_of(arguments: Namespace) -> list[Reference]:
    """Return the events that the words of *arguments* name."""
    return [_reference(word) for word in words_of(arguments).others]


def _reference(word: str) -> Reference:
    if word.isascii() and word.isdecimal():
        return int(word)
    try:
        return UUID(word)
    except ValueError:
        raise CommandError(
            f"{word!r} names no event and no outbox: an event has a number or a UUID, "
            f"an outbox is named {_SHAPE}"
        ) from None


def operators_of(arguments: Namespace) -> Operators:
    """Return what may be done with the outbox that *arguments* name and nothing else."""
    return operators_named(outbox_name(arguments))


def outbox_name(arguments: Namespace) -> str | None:
    """Return the name of the outbox in *arguments*, which have no other words."""
    words = words_of(arguments)
    if words.others:
        raise CommandError(f"{words.others[0]!r} names no outbox: name it {_SHAPE}")
    return words.outbox


def operators_named(name: str | None) -> Operators:
    """Return what may be done with the outbox called *name*."""
    return load(name).operators()


def load(name: str | None) -> Operated:
    """Return the outbox called *name*, or that of the environment; raise `CommandError`."""
    name = name or os.environ.get(_VARIABLE, "")
    if not name:
        raise CommandError(
            f"no outbox is named: add it as {_SHAPE}, such as shop.main:outbox, or set ${_VARIABLE}"
        )
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute):
        raise CommandError(f"{name!r} names no outbox: name it {_SHAPE}, such as shop.main:outbox")
    found = _found(_imported(module_name), attribute)
    if isinstance(found, type):
        raise CommandError(f"{name!r} is a class: name an {found.__name__} that was made of it")
    if not isinstance(found, Operated):
        raise CommandError(f"{name!r} is a {type(found).__name__}, and no outbox: name an Outbox")
    return found


def _imported(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise CommandError(
                f"there is no module {error.name!r} in {here} or on the path of Python: "
                f"run the command where {name!r} can be imported"
            ) from error
        raise _failed(name, error) from error
    # What runs when somebody's module is imported may raise anything.
    except Exception as error:
        raise _failed(name, error) from error


def _failed(name: str, error: Exception) -> CommandError:
    frames = traceback.extract_tb(error.__traceback__)
    ours = str(Path(__file__).parent)
    theirs = [
        frame
        for frame in frames
        if not frame.filename.startswith((ours, "<")) and "importlib" not in frame.filename
    ]
    where = f" at {theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""
    reason = " ".join(str(error).split())
    return CommandError(f"importing {name!r} failed{where}: {type(error).__name__}: {reason}")


def _found(module: ModuleType, attribute: str) -> object:
    found: object = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise CommandError(
                f"there is no {attribute!r} in {module.__name__!r}: "
                f"name the variable that holds the Outbox"
            )
        found = cast("object", getattr(found, part))
    return found
