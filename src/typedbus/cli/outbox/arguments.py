"""What several commands take: which deliveries are meant, who decides, and how it is answered."""

from __future__ import annotations

import os
import socket
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Collection
from getpass import getuser

from typedbus.cli.command import CommandError
from typedbus.cli.loading import references_of
from typedbus.outbox.operators import Selection
from typedbus.outbox.records import State


def add_dry_run(parser: ArgumentParser) -> None:
    """Let it be asked what would be done."""
    parser.add_argument("--dry-run", action="store_true", help="only count, and change nothing")


def add_who(parser: ArgumentParser) -> None:
    """Let it be said who decides."""
    parser.add_argument(
        "--who", metavar="NAME", default=_user_here(), help="whom to note as the one who did it"
    )


def add_selection(parser: ArgumentParser, states: Collection[State], default: str) -> None:
    """Let deliveries be selected, by *states* among others; *default* says by which if not."""
    parser.add_argument("--handler", metavar="NAME", help="those of this handler")
    parser.add_argument("--key", metavar="KEY", help="those in the line of this key")
    parser.add_argument("--type", metavar="NAME", help="those of events with this wire name")
    parser.add_argument(
        "--state",
        action="append",
        choices=[state.value for state in states],
        help=f"those in this state, which may be given several times; default: {default}",
    )


def add_all(parser: ArgumentParser) -> None:
    """Let all be meant, which nobody means by saying nothing."""
    parser.add_argument("--all", action="store_true", help="mean all, where nothing selects")


def selection_of(arguments: Namespace) -> Selection:
    """Return what *arguments* select."""
    return Selection(
        events=references_of(arguments),
        handler=arguments.handler,
        key=arguments.key,
        type=arguments.type,
        states=[State(name) for name in arguments.state or ()],
    )


def act_on(arguments: Namespace) -> Selection:
    """Return what *arguments* select, for an act; raise `CommandError` if they say nothing."""
    selection = selection_of(arguments)
    if not (any(selection) or arguments.all):
        raise CommandError(
            "nothing says which deliveries are meant: name events, or select by --handler, "
            "--key, --type or --state, or say --all"
        )
    return selection


def some(text: str) -> str:
    """Return *text*, which must say something."""
    if text.strip():
        return text
    raise ArgumentTypeError("it says nothing")


def counted(number: int, what: str) -> str:
    """Return *number* of *what*, one or many: `counted(2, "delivery")` is "2 deliveries"."""
    if number == 1:
        return f"1 {what}"
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{number:,} {many}"


def verb(number: int, *, dry_run: bool) -> str:
    """Return what goes between *number* of something and what was done to it."""
    if dry_run:
        return "would be"
    return "is" if number == 1 else "are"


def _user_here() -> str:
    try:
        user = getuser()
    except (KeyError, OSError):  # a container may run by a number that has no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "somebody"
    return f"{user}@{socket.gethostname()}"
