"""`typedbus outbox show`: all that is known of one event."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Final

from typedbus.cli.arguments import add_json
from typedbus.cli.command import FINE, Command, CommandError
from typedbus.cli.durations import spoken, spoken_time
from typedbus.cli.loading import add_outbox, operators_named, references_of, words_of
from typedbus.cli.outbox.list import due_of, entry_as_json, state_of
from typedbus.cli.printing import print_json
from typedbus.outbox.reports import Entry, Shown

_OURS: Final = "ce-"
"""How the headers begin that say what the event is, and nothing of what is in it."""


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser, "an event, by its number or its id")
    parser.add_argument(
        "--payload",
        action="store_true",
        help="tell what is in the event, and in its headers, too: that may be about people",
    )
    add_json(parser)


def _run(arguments: Namespace) -> int:
    references = references_of(arguments)
    if len(references) != 1:
        raise CommandError("name one event, by its number or its id")
    shown = operators_named(words_of(arguments).outbox).show(references[0])
    body = shown.stored.body if arguments.payload else _redacted(shown.stored.body)
    headers = _headers_of(shown, redact=not arguments.payload)
    if arguments.json:
        print_json(_as_json(shown, body, headers))
    else:
        _tell(shown, body, headers)
    return FINE


def _redacted(text: str) -> str:
    return f"({len(text):,} characters; --payload shows them)"


def _headers_of(shown: Shown, *, redact: bool) -> Mapping[str, str]:
    try:
        headers = json.loads(shown.stored.headers)
    except ValueError:
        headers = None
    if not isinstance(headers, dict):  # somebody else wrote it
        return {"": _redacted(shown.stored.headers) if redact else shown.stored.headers}
    return {
        str(name): str(value) if not redact or name.startswith(_OURS) else _redacted(str(value))
        for name, value in headers.items()
    }


def _as_json(shown: Shown, body: str, headers: Mapping[str, str]) -> object:
    stored = shown.stored
    return {
        "id": stored.id,
        "event_id": stored.event_id,
        "type": stored.type,
        "version": stored.version,
        "key": stored.key,
        "recorded_at": shown.recorded_at,
        "age": shown.age,
        "headers": headers,
        "body": body,
        "deliveries": [
            {**entry_as_json(entry), "traceback": entry.traceback} for entry in shown.entries
        ],
        "done": shown.done,
    }


def _tell(shown: Shown, body: str, headers: Mapping[str, str]) -> None:
    stored = shown.stored
    print(f"event      {stored.id}, {stored.event_id}")
    print(f"type       {stored.type}, version {stored.version}")
    print(f"key        {'-' if stored.key is None else stored.key}")
    print(f"recorded   {spoken_time(shown.recorded_at)}, {spoken(shown.age)} ago")
    for name, value in headers.items():
        print(f"header     {name}: {value}")
    print(f"body       {body}")
    for handler in shown.done:
        print(f"\n{handler}: owed no more")
    for entry in shown.entries:
        _tell_of(entry)


def _tell_of(entry: Entry) -> None:
    print(f"\n{entry.handler}: {state_of(entry)}")
    if entry.key is not None:
        print(f"  key      {entry.key}")
    if entry.state is None:
        return
    print(f"  tries    {entry.attempts} failed, {entry.crashes} killed the process")
    if (due := due_of(entry)) != "-":
        print(f"  due      {due}")
    if entry.replayed:
        print("  replayed because an operator said so")
    if entry.error is not None:
        print(f"  error    {entry.error}")
    if entry.traceback is not None:
        print("\n".join(f"  {line}" for line in entry.traceback.rstrip().splitlines()))


COMMAND = Command(
    name="show",
    summary="show one event: what it is, what is still owed of it, and why",
    details="What is in the event and in the headers that its program gave it is left out unless "
    "asked for.\nErrors and tracebacks are shown as they are.",
    words="ID [OUTBOX]",
    examples="typedbus outbox show 17 shop.main:outbox\n"
    "typedbus outbox show 0199c3a2-7d6c-7b5e-9d0e-2f6b8f3c1a56 shop.main:outbox --payload",
    add_arguments=_add_arguments,
    run=_run,
)
