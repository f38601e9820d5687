"""`typedbus outbox prune`: delete what is old, and owed to nobody."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command, CommandError
from typedbus.cli.durations import duration
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.outbox.arguments import add_dry_run, add_who, counted
from typedbus.cli.printing import print_json, progress


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    for name, what in (("--events", "events of the log"), ("--inbox", "rows of the inbox")):
        parser.add_argument(
            name, type=duration, metavar="AGE", help=f"delete {what} older than this, such as 30d"
        )
    add_dry_run(parser)
    add_who(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    if arguments.events is None and arguments.inbox is None:
        raise CommandError("nothing says what is old: give --events AGE, --inbox AGE, or both")
    operators = operators_of(arguments)
    with progress("looked at") as tell:
        pruned = operators.prune(
            events=arguments.events,
            inbox=arguments.inbox,
            who=arguments.who,
            dry_run=arguments.dry_run,
            progress=tell,
        )
    if arguments.json:
        print_json({**pruned._asdict(), "dry_run": arguments.dry_run})
    else:
        verb = "would be" if arguments.dry_run else "are"
        print(
            f"{counted(pruned.events, 'event')} and {counted(pruned.inbox, 'row')} of the inbox "
            f"{verb} deleted"
        )
    return FINE


COMMAND = Command(
    name="prune",
    summary="delete old events from the log, and old rows from the inbox",
    details="Never an event that is still owed, or dead, for some handler. What is deleted cannot "
    "be replayed.\nA row of the inbox has to be kept for as long as its event may come again.",
    words="[OUTBOX]",
    examples="typedbus outbox prune shop.main:outbox --events 30d --inbox 30d --dry-run",
    add_arguments=_add_arguments,
    run=_run,
)
