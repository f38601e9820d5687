"""`typedbus outbox status`: how it stands."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command
from typedbus.cli.durations import spoken
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.outbox.arguments import counted
from typedbus.cli.printing import print_json, print_table
from typedbus.outbox.reports import Status


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    status = operators_of(arguments).status()
    if arguments.json:
        print_json(status)
    else:
        _tell(status)
    return FINE


def _tell(status: Status) -> None:
    print(f"pending    {counted(status.pending, 'event')} of which nothing was done yet")
    if status.lag is None:
        print("lag        none: nothing is owed but what is dead")
    else:
        print(f"lag        {spoken(status.lag)}, the age of the oldest that is owed and not dead")
    print(f"published  {status.published_a_minute:,.0f} in the last minute")
    for line in _worries(status):
        print(f"note       {line}")
    if status.relays:
        print()
        print_table(
            ["relay", "host", "pid", "does"],
            [
                [relay.id, relay.host, str(relay.pid), _doing(works=relay.works, alive=relay.alive)]
                for relay in status.relays
            ],
        )
    if status.handlers:
        print()
        print_table(
            ["handler", "waiting", "held", "running", "sent", "unknown", "dead", ""],
            [
                [
                    handler.name,
                    handler.waiting,
                    handler.held,
                    handler.running,
                    handler.sent,
                    handler.unknown,
                    handler.dead,
                    "paused" if handler.paused else "" if handler.known else "no code",
                ]
                for handler in status.handlers
            ],
        )


def _worries(status: Status) -> list[str]:
    worries = []
    if not any(relay.works and relay.alive for relay in status.relays):
        worries.append("no relay works: start one with `typedbus relay`")
    if status.paused:
        worries.append("all handlers are paused: `typedbus outbox resume --all` ends that")
    worries += [
        f"{counted(each.number, 'event')} of {each.type} for {each.handler} wait for a relay whose "
        f"code knows both"
        for each in status.unknown
    ]
    return worries


def _doing(*, works: bool, alive: bool) -> str:
    if not alive:
        return "silent"
    return "works" if works else "stands by"


COMMAND = Command(
    name="status",
    summary="tell how much is owed, to whom, and which relay works",
    details="",
    words="[OUTBOX]",
    examples="typedbus outbox status shop.main:outbox\n"
    "typedbus outbox status shop.main:outbox --json | jq .lag_seconds",
    add_arguments=_add_arguments,
    run=_run,
)
