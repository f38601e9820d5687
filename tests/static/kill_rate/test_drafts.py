"""How mutants are written: in one place, and nothing else moves."""

import ast

import pytest

from tests.static.kill_rate.drafts import CannotBeMadeError, Draft, Mutant
from tests.static.kill_rate.laboratory import files_of
from tests.static.kill_rate.sources import World, world_of

EVENTS = '''\
"""The events of a café."""

from typedbus import Bus, Event


class CaféEvent(Event):
    name: str


class Ordered(CaféEvent):
    cups: int


bus = Bus(CaféEvent)
'''
HANDLERS = """\
from café.events import (
    Ordered,
    bus,
)

bus.subscribe(
    "é" and Ordered,
    print,
)
after = 1
"""
APP = """\
from café import handlers
from café.handlers import after
"""


@pytest.fixture
def world() -> World:
    """A program of three modules."""
    return world_of({"café/events.py": EVENTS, "café/handlers.py": HANDLERS, "café/app.py": APP})


def draft_at(world: World, module: str, text: str) -> tuple[Draft, ast.expr]:
    """Return a draft of *module* and the expression in it that is written as *text*."""
    found = world.modules[module]
    nodes = (node for node in ast.walk(found.tree) if isinstance(node, ast.expr))
    node = next(each for each in nodes if found.text(each) == text)
    return Draft(world, found, node), node


def mutant_of(draft: Draft, *, reaches: bool = False) -> Mutant:
    """Return what *draft* has become."""
    return draft.finished("a mistake", "", (), reaches=reaches)


def test_what_is_replaced_may_stand_behind_any_character(world: World) -> None:
    """Places that `ast` tells are counted in bytes."""
    draft, node = draft_at(world, "café.handlers", "Ordered")

    draft.replace(node, "None")

    assert mutant_of(draft).source == HANDLERS.replace("and Ordered", "and None")


def test_what_is_replaced_leaves_its_lines_behind(world: World) -> None:
    """A call of four lines becomes a name, and what follows stays where it was."""
    draft, node = draft_at(world, "café.handlers", HANDLERS.partition("\n\n")[2][:-11])

    draft.replace(node, "None")

    assert mutant_of(draft).source.split("\n")[9] == "after = 1"


def test_added_lines_come_behind_what_they_need_and_do_not_count(world: World) -> None:
    """A report is tied to the line on which its reason stood before."""
    draft, node = draft_at(world, "café.events", "Bus(CaféEvent)")

    draft.replace(node, f"Bus({draft.subclass('café.events.Ordered', 'Special')})")
    mutant = mutant_of(draft)

    lines = mutant.source.split("\n")
    assert lines[11] == "class Special(Ordered): ..."
    assert [mutant.line_before(line) for line in (10, 11, 12, 13, 14)] == [10, 11, 11, 12, 13]
    assert mutant.shown == "bus = Bus(Special)"


def test_a_line_that_comes_too_late_cannot_be_added(world: World) -> None:
    """A class cannot be used above its definition, outside of a function."""
    draft, _ = draft_at(world, "café.events", "Event")

    draft.subclass("café.events.Ordered", "Special")

    with pytest.raises(CannotBeMadeError):
        mutant_of(draft)


def test_no_import_is_added_that_would_run_in_a_circle(world: World) -> None:
    """Such a program would not even start."""
    draft, _ = draft_at(world, "café.events", "bus")

    with pytest.raises(CannotBeMadeError):
        draft.name("café.handlers.Anything")


def test_an_instance_has_a_value_for_each_field(world: World) -> None:
    """Those of its bases too: no mutant is refused for a call with too few arguments."""
    draft, _ = draft_at(world, "café.handlers", "print")

    draft.instance(draft.name("café.events.Ordered"))

    assert mutant_of(draft).added == ('made = Ordered(cups=0, name="")',)


def test_a_name_that_the_program_uses_is_not_added(world: World) -> None:
    """It would mean something else in a part of the module."""
    draft, _ = draft_at(world, "café.handlers", "print")

    with pytest.raises(ValueError, match="after"):
        draft.define("after = 2")


def test_what_imports_a_mutant_is_copied_with_it(world: World) -> None:
    """The copies import each other, under the names that they had."""
    draft, node = draft_at(world, "café.handlers", "print")
    draft.replace(node, "repr")

    files = files_of(world, [mutant_of(draft), mutant_of(draft, reaches=True)])

    assert sorted(files) == [
        *("café/app.py", "café/app__m1.py", "café/events.py"),
        *("café/handlers.py", "café/handlers__m0.py", "café/handlers__m1.py"),
    ]
    assert files["café/app__m1.py"] == (
        "from café import handlers__m1 as handlers\nfrom café.handlers__m1 import after\n"
    )
