"""`typedbus outbox verify`: does the database keep what the outbox promises?"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from typedbus.cli.arguments import add_json
from typedbus.cli.command import BAD, FINE, Command
from typedbus.cli.loading import add_outbox, operators_of
from typedbus.cli.printing import print_json
from typedbus.outbox.reports import Severity


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser)
    add_json(parser)


def _run(arguments: Namespace) -> int:
    findings = operators_of(arguments).verify()
    broken = any(finding.severity is Severity.BROKEN for finding in findings)
    if arguments.json:
        print_json({"fine": not broken, "findings": findings})
    elif not findings:
        print("nothing was found that breaks a promise")
    for finding in [] if arguments.json else findings:
        print(f"{finding.severity.value}: {finding.problem}\n    {finding.remedy}")
    return BAD if broken else FINE


COMMAND = Command(
    name="verify",
    summary="look for settings, tables and rows that break what the outbox promises",
    details="Ends with 1 if something is broken; warnings alone end with 0. It changes nothing.",
    words="[OUTBOX]",
    examples="typedbus outbox verify shop.main:outbox",
    add_arguments=_add_arguments,
    run=_run,
)
