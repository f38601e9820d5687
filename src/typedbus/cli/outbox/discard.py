"""`typedbus outbox discard`: give deliveries up for good."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command
from typedbus.cli.loading import NUMBERED, add_outbox, operators_named, words_of
from typedbus.cli.outbox.arguments import (
    act_on,
    add_all,
    add_dry_run,
    add_selection,
    add_who,
    counted,
    some,
    verb,
)
from typedbus.cli.printing import print_json, progress
from typedbus.outbox.records import State


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser, NUMBERED)
    add_selection(parser, [state for state in State if state is not State.RUNNING], "dead")
    add_all(parser)
    parser.add_argument(
        "--reason", type=some, metavar="TEXT", required=True, help="why, for the notes"
    )
    add_dry_run(parser)
    add_who(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    selection = act_on(arguments)
    operators = operators_named(words_of(arguments).outbox)
    with progress("discarded") as tell:
        number = operators.discard(
            selection,
            who=arguments.who,
            reason=arguments.reason,
            dry_run=arguments.dry_run,
            progress=tell,
        )
    if arguments.json:
        print_json({"discarded": number, "dry_run": arguments.dry_run})
    else:
        done = verb(number, dry_run=arguments.dry_run)
        print(f"{counted(number, 'delivery')} {done} discarded")
    return FINE


COMMAND = Command(
    name="discard",
    summary="give deliveries up for good, dead ones unless --state says others",
    details="The events stay in the log; `typedbus outbox log` tells who discarded what, and why.\n"
    "A relay may be about to handle one that is not dead: it may handle it all the same.",
    words="[ID ...] [OUTBOX]",
    examples="typedbus outbox discard 17 shop.main:outbox --reason 'test order'\n"
    "typedbus outbox discard shop.main:outbox --type shop.order-placed --handler old.audit \\\n"
    "    --state unknown --reason 'handler retired' --dry-run",
    add_arguments=_add_arguments,
    run=_run,
)
