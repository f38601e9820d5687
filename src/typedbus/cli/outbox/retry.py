"""`typedbus outbox retry`: try again, now, and from the start."""

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
    verb,
)
from typedbus.cli.printing import print_json, progress
from typedbus.outbox.records import State


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser, NUMBERED)
    add_selection(parser, [State.DEAD, State.WAITING, State.SENT], "dead and waiting")
    add_all(parser)
    add_dry_run(parser)
    add_who(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    selection = act_on(arguments)
    operators = operators_named(words_of(arguments).outbox)
    with progress("made due") as tell:
        number = operators.retry(
            selection, who=arguments.who, dry_run=arguments.dry_run, progress=tell
        )
    if arguments.json:
        print_json({"retried": number, "dry_run": arguments.dry_run})
    else:
        done = verb(number, dry_run=arguments.dry_run)
        print(f"{counted(number, 'delivery')} {done} due now")
    return FINE


COMMAND = Command(
    name="retry",
    summary="try deliveries again now, those that are dead and those that wait",
    details="Their tries are counted from the start. In a line the first is due, the others follow "
    "it.\nWhat was sent (--state sent) is sent again.",
    words="[ID ...] [OUTBOX]",
    examples="typedbus outbox retry 17 18 shop.main:outbox\n"
    "typedbus outbox retry shop.main:outbox --handler billing.invoice --state dead --dry-run\n"
    "typedbus outbox retry shop.main:outbox --all",
    add_arguments=_add_arguments,
    run=_run,
)
