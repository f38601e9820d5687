"""The list of published events, which nobody keeps by hand."""

from collections import Counter
from pathlib import Path

from fastsoyadmin.events import DomainEvent
from fastsoyadmin.modules import find_modules
from fastsoyadmin.published_events import published_events

EVENTS = Path(__file__).parents[1] / "EVENTS.md"


def test_the_list_is_up_to_date() -> None:
    """After a change, run `python -m fastsoyadmin.published_events > fastsoyadmin/EVENTS.md`."""
    assert EVENTS.read_text(encoding="utf-8") == published_events()


def test_each_event_has_one_owner() -> None:
    """Its class stands in one manifest, that of the module which its file is named for."""
    owners = [
        (each, owner.rpartition(".")[2])
        for owner, module in find_modules().items()
        for each in module.publishes
    ]

    contracts = [
        (each, each.__module__.rpartition(".")[2])
        for module_event in DomainEvent.__subclasses__()
        for each in module_event.__subclasses__()
    ]
    assert Counter(owners) == Counter(contracts)
