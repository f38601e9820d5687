"""`typedbus outbox lag`: how old the oldest event is that is still owed; for probes."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from datetime import timedelta

from typedbus.cli.arguments import add_json
from typedbus.cli.command import BAD, FINE, Command
from typedbus.cli.durations import duration, spoken
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.printing import print_json


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    parser.add_argument(
        "--max-age",
        type=duration,
        metavar="DURATION",
        help="end with 1 if it is older than this, such as 60s",
    )
    add_json(parser)


def _run(arguments: Namespace) -> int:
    lag = operators_of(arguments).lag()
    most: timedelta | None = arguments.max_age
    too_old = lag is not None and most is not None and lag > most
    if arguments.json:
        print_json({"lag": lag, "max_age": most, "too_old": too_old})
    elif lag is None:
        print("nothing is owed")
    else:
        print(f"{spoken(lag)}{f', more than {spoken(most)}' if too_old else ''}")
    return BAD if too_old else FINE


COMMAND = Command(
    name="lag",
    summary="tell the age of the oldest event that is owed and not dead",
    details="Ends with 1 if it is older than --max-age. Both times are by the database's clock.",
    words="[OUTBOX]",
    examples="typedbus outbox lag shop.main:outbox --max-age 60s",
    add_arguments=_add_arguments,
    run=_run,
)
