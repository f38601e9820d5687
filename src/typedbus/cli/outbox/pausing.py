"""`typedbus outbox pause` and `resume`: let relays leave a handler alone for a while."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command, CommandError
from typedbus.cli.loading import load
from typedbus.cli.outbox.arguments import add_who
from typedbus.cli.printing import print_json
from typedbus.outbox.operators import EVERY_HANDLER, Operators


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="the name of the handler; and where the outbox is (default: $TYPEDBUS_OUTBOX)",
    )
    parser.add_argument("--all", action="store_true", help="all handlers, instead of one")
    add_who(parser)
    add_json(parser)


def _run(done: str, act: Callable[[Operators, str, str], None]) -> Callable[[Namespace], int]:
    def run(arguments: Namespace) -> int:
        handler, outbox = _words_of(arguments)
        act(load(outbox).operators(), handler, arguments.who)
        if arguments.json:
            print_json({"handler": handler, "paused": done == "paused"})
        elif handler == EVERY_HANDLER:
            print(f"all handlers are {done}")
        else:
            print(f"{handler} is {done}")
        return FINE

    return run


def _words_of(arguments: Namespace) -> tuple[str, str | None]:
    words = [EVERY_HANDLER, *arguments.words] if arguments.all else [*arguments.words]
    match words:
        case [handler]:
            return handler, None
        case [handler, outbox]:
            return handler, outbox
        case _:
            raise CommandError("name one handler, or say --all, and then the outbox")


def _pause(operators: Operators, handler: str, who: str) -> None:
    operators.pause(handler, who=who)


def _resume(operators: Operators, handler: str, who: str) -> None:
    operators.resume(handler, who=who)


PAUSE = Command(
    name="pause",
    summary="let no relay call a handler until it is resumed",
    details="Calls that run are not ended. What the handler is owed waits, in its order.",
    words="HANDLER [OUTBOX]",
    examples="typedbus outbox pause billing.invoice shop.main:outbox\n"
    "typedbus outbox pause --all shop.main:outbox",
    add_arguments=_add_arguments,
    run=_run("paused", _pause),
)
RESUME = Command(
    name="resume",
    summary="let relays call a handler again",
    details="A handler that was paused by its name stays so after `resume --all`, and the other "
    "way round.",
    words="HANDLER [OUTBOX]",
    examples="typedbus outbox resume billing.invoice shop.main:outbox\n"
    "typedbus outbox resume --all shop.main:outbox",
    add_arguments=_add_arguments,
    run=_run("resumed", _resume),
)
