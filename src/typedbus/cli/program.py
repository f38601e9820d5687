"""The program `typedbus`: which commands it has, and how it ends."""

from __future__ import annotations

import os
import sys
import traceback
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, cast

from typedbus.cli.command import REFUSED, Command, CommandError
from typedbus.cli.outbox.ddl import COMMAND as DDL
from typedbus.cli.outbox.discard import COMMAND as DISCARD
from typedbus.cli.outbox.lag import COMMAND as LAG
from typedbus.cli.outbox.list import COMMAND as LIST
from typedbus.cli.outbox.log import COMMAND as LOG
from typedbus.cli.outbox.pausing import PAUSE, RESUME
from typedbus.cli.outbox.prune import COMMAND as PRUNE
from typedbus.cli.outbox.replay import COMMAND as REPLAY
from typedbus.cli.outbox.retry import COMMAND as RETRY
from typedbus.cli.outbox.show import COMMAND as SHOW
from typedbus.cli.outbox.skip import COMMAND as SKIP
from typedbus.cli.outbox.status import COMMAND as STATUS
from typedbus.cli.outbox.verify import COMMAND as VERIFY
from typedbus.cli.relay import COMMAND as RELAY
from typedbus.core.errors import TypedBusError

_OUTBOX: Final = (
    STATUS,
    LAG,
    LIST,
    SHOW,
    RETRY,
    SKIP,
    DISCARD,
    REPLAY,
    PAUSE,
    RESUME,
    PRUNE,
    VERIFY,
    DDL,
    LOG,
)
_INTERRUPTED: Final = 130
_CODES: Final = """\
exit codes: 0 done, and all is well; 1 looked at, and not all is well; 2 refused, see stderr"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what *arguments*, or those of the process, say; return the exit code."""
    parsed = _parsed(arguments)
    command = cast("Command", parsed.command)  # a Namespace knows no types
    try:
        return command.run(parsed)
    except BrokenPipeError:
        # Whoever read has seen enough. Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (CommandError, TypedBusError) as error:
        print(f"typedbus: {' '.join(str(error).split())}", file=sys.stderr)
        return REFUSED
    except Exception:  # noqa: BLE001 - a mistake of ours is no answer, so it must not end with 1
        traceback.print_exc()
        return REFUSED


def _parsed(arguments: Sequence[str] | None) -> Namespace:
    parser = _parser()
    parsed, beyond = parser.parse_known_args(arguments)
    # argparse takes words in one place only; here they may stand before options and after.
    options = [word for word in beyond if word.startswith("-")]
    if options or (beyond and not hasattr(parsed, "words")):
        cast("ArgumentParser", parsed.parser).error(
            f"unrecognized arguments: {' '.join(options or beyond)}"
        )
    if beyond:
        parsed.words = [*parsed.words, *beyond]
    return parsed


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="typedbus",
        description="Operate what typedbus delivers.",
        epilog=_CODES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(commands.add_parser, RELAY)
    outbox = commands.add_parser(
        "outbox",
        help="look at an outbox, and decide what a relay cannot",
        description="Look at an outbox, and decide what a relay cannot.",
        epilog=_CODES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    of_outbox = outbox.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _OUTBOX:
        _add(of_outbox.add_parser, command)
    return parser


def _add(add_parser: Callable[..., ArgumentParser], command: Command) -> None:
    parser = add_parser(
        command.name, help=command.summary, formatter_class=RawDescriptionHelpFormatter
    )
    summary = command.summary[0].upper() + command.summary[1:]
    parser.description = "\n\n".join(filter(None, [f"{summary}.", command.details]))
    parser.usage = f"{parser.prog} {command.words} [OPTION ...]"
    parser.epilog = "examples:\n" + _indented(command.examples.splitlines())
    command.add_arguments(parser)
    parser.set_defaults(command=command, parser=parser)


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
