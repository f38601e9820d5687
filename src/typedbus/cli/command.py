"""What a command of the program is made of, and how it refuses."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Final, NamedTuple

FINE: Final = 0
"""The exit code for: done, and all is well."""
BAD: Final = 1
"""The exit code for: looked at, and not all is well."""
REFUSED: Final = 2
"""The exit code for: nothing was done, and the line on stderr says why."""
STALLED: Final = 70
"""The exit code of a relay that could not go on: start it again."""


class Command(NamedTuple):
    """A command: what it is called, what it takes, what it does."""

    name: str
    summary: str
    """What it does, in a line."""
    details: str
    """What else one must know, and the exit codes where they say something."""
    words: str
    """Which words it takes beside its options."""
    examples: str
    """Lines to be copied."""
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]
    """Does it, and returns the exit code."""


class CommandError(Exception):
    """A command cannot do what it was asked to; the message is the line that the user sees."""
