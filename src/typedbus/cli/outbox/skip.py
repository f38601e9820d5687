"""`typedbus outbox skip`: let a line go on past its first delivery."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.outbox.arguments import add_dry_run, add_who
from typedbus.cli.outbox.list import entry_as_json, state_of
from typedbus.cli.printing import print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    parser.add_argument("--handler", metavar="NAME", required=True, help="whose line it is")
    parser.add_argument("--key", metavar="KEY", required=True, help="the key of the line")
    parser.add_argument("--reason", metavar="TEXT", help="why, for the notes")
    add_dry_run(parser)
    add_who(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    skipped = operators_of(arguments).skip(
        arguments.handler,
        arguments.key,
        who=arguments.who,
        reason=arguments.reason,
        dry_run=arguments.dry_run,
    )
    if arguments.json:
        print_json({"skipped": entry_as_json(skipped), "dry_run": arguments.dry_run})
    else:
        verb = "would be" if arguments.dry_run else "is"
        print(
            f"event {skipped.id} ({skipped.type}, {state_of(skipped)}) {verb} skipped: "
            f"{skipped.handler} goes on with the next of {skipped.key!r}"
        )
    return FINE


COMMAND = Command(
    name="skip",
    summary="let the first delivery of a line count as done, so that the line goes on",
    details="The event stays in the log, and stays owed to its other handlers.",
    words="[OUTBOX]",
    examples="typedbus outbox skip shop.main:outbox --handler billing.invoice --key o-17 \\\n"
    "    --reason 'cancelled by phone'",
    add_arguments=_add_arguments,
    run=_run,
)
