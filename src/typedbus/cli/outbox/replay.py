"""`typedbus outbox replay`: owe logged events to a handler again."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command, CommandError
from typedbus.cli.durations import moment
from typedbus.cli.loading import NUMBERED, add_outbox, operators_named, references_of, words_of
from typedbus.cli.outbox.arguments import add_all, add_dry_run, add_who, counted, verb
from typedbus.cli.printing import print_json, progress
from typedbus.outbox.operators import History


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser, NUMBERED)
    parser.add_argument(
        "--handler", metavar="NAME", required=True, help="the handler that they are owed to again"
    )
    parser.add_argument("--key", metavar="KEY", help="events with this key")
    parser.add_argument("--type", metavar="NAME", help="events with this wire name")
    for name, what in (("--since", "at that time or later"), ("--until", "before that time")):
        parser.add_argument(
            name,
            type=moment,
            metavar="TIME",
            help=f"events recorded {what}: 2026-01-31T12:00Z, or 2h for that long ago",
        )
    add_all(parser)
    parser.add_argument(
        "--rate", type=_rate, metavar="N", help="no more than so many events a second"
    )
    add_dry_run(parser)
    add_who(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    history = History(
        references_of(arguments), arguments.key, arguments.type, arguments.since, arguments.until
    )
    if not (any(history) or arguments.all):
        raise CommandError(
            "nothing says which events are meant: name them, or select by --key, --type, --since "
            "or --until, or say --all"
        )
    with progress("owed again") as tell:
        replayed = operators_named(words_of(arguments).outbox).replay(
            arguments.handler,
            history,
            who=arguments.who,
            rate=arguments.rate,
            dry_run=arguments.dry_run,
            progress=tell,
        )
    if arguments.json:
        print_json({**replayed._asdict(), "dry_run": arguments.dry_run})
        return FINE
    done = verb(replayed.owed, dry_run=arguments.dry_run)
    print(f"{counted(replayed.owed, 'event')} {done} owed to {arguments.handler} again")
    if replayed.still_owed:
        print(f"{counted(replayed.still_owed, 'event')} left as they are: owed to it, or dead")
    if replayed.not_for_it:
        print(f"{counted(replayed.not_for_it, 'event')} left out: it takes none of their class")
    return FINE


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if 0 < found < float("inf"):
        return found
    raise ArgumentTypeError(f"{text!r} is no number above 0")


COMMAND = Command(
    name="replay",
    summary="owe events of the log to a handler again, or to a new one for the first time",
    details='The handler finds "replayed" in the headers of the envelope. What it is still owed, '
    "or is dead,\nis left as it is. Count with --dry-run first.",
    words="[ID ...] [OUTBOX]",
    examples="typedbus outbox replay shop.main:outbox --handler search.index --since 2h --dry-run\n"
    "typedbus outbox replay 17 18 shop.main:outbox --handler billing.invoice\n"
    "typedbus outbox replay shop.main:outbox --handler search.index --all --rate 500",
    add_arguments=_add_arguments,
    run=_run,
)
