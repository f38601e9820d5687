"""`typedbus outbox list`: deliveries, page by page."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from typedbus.cli.arguments import add_json, positive
from typedbus.cli.command import FINE, Command, CommandError
from typedbus.cli.durations import spoken
from typedbus.cli.loading import NUMBERED, add_outbox, operators_named, words_of
from typedbus.cli.outbox.arguments import add_selection, selection_of
from typedbus.cli.printing import print_json, print_table
from typedbus.outbox.records import State
from typedbus.outbox.reports import Entry, Page, Place

_FRESH = "fresh"


def _add_arguments(parser: ArgumentParser) -> None:
    add_outbox(parser, NUMBERED)
    add_selection(parser, list(State), "all of them")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="those of which nothing was done yet, instead of those that left the happy path",
    )
    parser.add_argument(
        "--limit", type=positive, default=50, metavar="N", help="how many at most (default: 50)"
    )
    parser.add_argument(
        "--after", type=_place, metavar="PLACE", help="go on where a page ended, as it says there"
    )
    add_json(parser)


def _run(arguments: Namespace) -> int:
    selection = selection_of(arguments)
    if arguments.fresh and selection.states:
        raise CommandError("what is fresh is in no state yet: leave out --fresh or --state")
    page = operators_named(words_of(arguments).outbox).deliveries(
        selection, fresh=arguments.fresh, after=arguments.after, limit=arguments.limit
    )
    following = None if page.next is None else f"{page.next.id}/{page.next.handler}"
    if arguments.json:
        entries = [entry_as_json(entry) for entry in page.entries]
        print_json({"deliveries": entries, "next": following})
    else:
        _tell(page, following)
    return FINE


def _tell(page: Page, following: str | None) -> None:
    if not page.entries:
        print("none")
        return
    print_table(
        ["id", "handler", "key", "state", "tries", "age", "due", "type", "error"],
        [
            [
                str(entry.id),
                entry.handler,
                entry.key,
                state_of(entry),
                entry.attempts + entry.crashes,
                spoken(entry.age),
                due_of(entry),
                entry.type,
                entry.error,
            ]
            for entry in page.entries
        ],
    )
    if following is not None:
        print(f"\nthere are more: --after {following}")


def entry_as_json(entry: Entry) -> dict[str, object]:
    """Return *entry* as it is answered to programs."""
    answer = entry._asdict()
    answer["state"] = state_of(entry)
    del answer["traceback"]
    return answer


def state_of(entry: Entry) -> str:
    """Return the state of *entry*, in a word."""
    return _FRESH if entry.state is None else entry.state.value


def due_of(entry: Entry) -> str:
    """Return when *entry* is due, if that is what it waits for."""
    if entry.due_in is None or entry.state not in (State.WAITING, State.SENT):
        return "-"
    return "now" if entry.due_in.total_seconds() <= 0 else f"in {spoken(entry.due_in)}"


def _place(text: str) -> Place:
    number, slash, handler = text.partition("/")
    if not (number.isascii() and number.isdecimal() and slash and handler):
        raise ArgumentTypeError(f"{text!r} is not where a page ended, such as 17/billing.invoice")
    return Place(int(number), handler)


COMMAND = Command(
    name="list",
    summary="list deliveries that wait, are held, sent, unknown or dead",
    details="In the order of the events' numbers. What was handled the first time is not listed.",
    words="[ID ...] [OUTBOX]",
    examples="typedbus outbox list shop.main:outbox --state dead\n"
    "typedbus outbox list shop.main:outbox --handler billing.invoice --key o-17\n"
    "typedbus outbox list shop.main:outbox --fresh --limit 10",
    add_arguments=_add_arguments,
    run=_run,
)
