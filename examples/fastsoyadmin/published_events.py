"""Write the list of published events: `python -m fastsoyadmin.published_events`."""

from collections.abc import Iterator
from inspect import getdoc

from fastsoyadmin.events import DomainEvent, bus
from fastsoyadmin.modules import find_modules
from typedbus import Subscription

HEAD = """\
# Published events

Made by `python -m fastsoyadmin.published_events`; a test fails when it is out of date.
"""


def published_events() -> str:
    """Return, in Markdown, every event with its fields, who publishes it and who handles it."""
    published = [
        (event_type, name)
        for name, module in find_modules().items()
        for event_type in module.publishes
    ]
    published.sort(key=lambda each: each[0].__name__)
    return "\n".join([HEAD, *(_section(event_type, owner) for event_type, owner in published)])


def _section(event_type: type[DomainEvent], owner: str) -> str:
    return "\n".join(
        [
            f"## {event_type.__name__}\n",
            f"{_purpose(event_type)} Published by `{_short(owner)}`.\n",
            *_table(["field", "type"], _fields(event_type)),
            *_table(
                ["handler", "delivery", "what for"], map(_handler, bus.subscriptions(event_type))
            ),
        ]
    )


def _fields(event_type: type[DomainEvent]) -> Iterator[list[str]]:
    for name, field in event_type.model_fields.items():
        of = field.annotation
        yield [f"`{name}`", f"`{of.__name__ if isinstance(of, type) else of}`"]


def _handler(subscription: Subscription) -> list[str]:
    return [f"`{_short(subscription.name)}`", subscription.delivery, _purpose(subscription.handler)]


def _table(head: list[str], rows: Iterator[list[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


def _purpose(thing: object) -> str:
    return (getdoc(thing) or "").partition("\n")[0]


def _short(name: str) -> str:
    return name.removeprefix("fastsoyadmin.")


if __name__ == "__main__":
    print(published_events(), end="")
