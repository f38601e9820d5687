"""`typedbus outbox log`: what was decided by hand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json, positive
from typedbus.cli.command import FINE, Command
from typedbus.cli.durations import spoken_time
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.printing import print_json, print_table


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    parser.add_argument(
        "--limit", type=positive, default=50, metavar="N", help="how many at most (default: 50)"
    )
    add_json(parser)


def _run(arguments: Namespace) -> int:
    operations = operators_of(arguments).operations(arguments.limit)
    if arguments.json:
        print_json({"operations": operations})
    elif not operations:
        print("none")
    else:
        print_table(
            ["when", "who", "did", "number", "what", "reason"],
            [
                [spoken_time(each.at), each.who, each.act, each.number, each.what, each.reason]
                for each in operations
            ],
        )
    return FINE


COMMAND = Command(
    name="log",
    summary="tell what was decided by hand: when, by whom, about what and why",
    details="",
    words="[OUTBOX]",
    examples="typedbus outbox log shop.main:outbox --limit 10",
    add_arguments=_add_arguments,
    run=_run,
)
