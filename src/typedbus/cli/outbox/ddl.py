"""`typedbus outbox ddl`: the statements that make the tables."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.printing import print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    statements = operators_of(arguments).ddl()
    if arguments.json:
        print_json({"statements": statements})
    else:
        print("\n\n".join(f"{statement.strip().rstrip(';')};" for statement in statements))
    return FINE


COMMAND = Command(
    name="ddl",
    summary="print the statements that make the tables, and run none of them",
    details="They are written for the database that the outbox uses, which need not be there.",
    words="[OUTBOX]",
    examples="typedbus outbox ddl shop.main:outbox | psql shop",
    add_arguments=_add_arguments,
    run=_run,
)
