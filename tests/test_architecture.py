"""The house rules of the package: who may import whom, and how large a thing may grow."""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeAlias

import pytest

SRC = Path(__file__).parents[1] / "src"


class Room(NamedTuple):
    """What the modules of one room may import beside themselves and the standard library."""

    ours: frozenset[str] = frozenset()
    theirs: frozenset[str] | None = None  # None: whatever they are made for


CORE, INWARDS = frozenset({"core"}), frozenset({"core", "outbox"})
FLOOR_PLAN = {
    "front door": Room(ours=CORE, theirs=frozenset()),
    "core": Room(theirs=frozenset({"typing_extensions"})),
    "outbox": Room(ours=CORE, theirs=frozenset({"typing_extensions"})),
    "adapters": Room(ours=INWARDS),
    "testing": Room(ours=INWARDS),
    "mypy": Room(theirs=frozenset({"mypy"})),
    "catalog": Room(ours=INWARDS),
    "cli": Room(ours=INWARDS | {"catalog"}),
}
LONGEST = 300
# One file holds every error, so that the tree on its top is the whole tree.
LONGER = {"typedbus": 60, "typedbus.core.errors": 450}
# What a module may import beyond its room, as long as no import of typedbus pays for it.
WHEN_NEEDED = {"typedbus.core.codec": frozenset({"pydantic", "pydantic_core"})}


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    path: PurePosixPath
    source: str

    @property
    def name(self) -> str:
        """The name it is imported by."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def tree(self) -> ast.Module:
        """What it says."""
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module it imports, however deep in the file, for types only or not."""
        return frozenset(self._imports_of(ast.walk(self.tree)))

    @cached_property
    def imports_at_once(self) -> frozenset[str]:
        """The modules that are imported by importing it."""
        return frozenset(self._imports_of(_run_by_an_import(self.tree)))

    def _imports_of(self, nodes: Iterable[ast.AST]) -> Iterator[str]:
        package = self.path.parent.parts
        for node in nodes:
            match node:
                case ast.Import(names=names):
                    yield from (alias.name for alias in names)
                case ast.ImportFrom(module=module, names=names, level=level):
                    base = package[: len(package) - level + 1] if level else ()
                    source = ".".join([*base, module] if module else base)
                    yield source
                    yield from (f"{source}.{alias.name}" for alias in names)
                case _:
                    pass


def _run_by_an_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            parts: Iterable[ast.AST] = ()
        case ast.If(test=ast.Name("TYPE_CHECKING"), orelse=parts):
            pass
        case _:
            parts = ast.iter_child_nodes(node)
    for part in parts:
        yield from _run_by_an_import(part)


House: TypeAlias = Mapping[str, Module]
Rule: TypeAlias = Callable[[House], Iterator[str]]


def house_of(sources: Mapping[str, str]) -> House:
    """Return the modules that *sources* hold, by name."""
    modules = (Module(PurePosixPath(path), source) for path, source in sources.items())
    return {module.name: module for module in modules}


def room_of(name: str) -> str:
    """Return the room that one of our modules lies in; each adapter is a room of its own."""
    match name.split("."):
        case [_]:
            return "front door"
        case [_, "adapters", adapter, *_]:
            return f"adapters.{adapter}"
        case [_, room, *_]:
            return room
        case _:
            raise AssertionError(name)


def plan_of(name: str) -> Room:
    """Return what one of our modules may import, by the room it lies in."""
    return FLOOR_PLAN.get(room_of(name).partition(".")[0], Room())


def every_module_lies_in_a_room(house: House) -> Iterator[str]:
    """A new room is drawn into the floor plan before it is built."""
    for name in house:
        if room_of(name).partition(".")[0] not in FLOOR_PLAN:
            yield f"{name} lies in no room of the floor plan"


def nobody_inside_enters_by_the_front_door(house: House) -> Iterator[str]:
    """Inside the package a name is imported from the file that defines it."""
    for name, module in house.items():
        if name != "typedbus" and "typedbus" in module.imports:
            yield f"{name} imports typedbus"


def a_room_knows_what_the_floor_plan_says(house: House) -> Iterator[str]:
    """A room imports itself and the rooms further in; no adapter imports another."""
    for name, module in house.items():
        rooms = {
            room_of(imported) for imported in module.imports if imported.startswith("typedbus.")
        }
        beyond = rooms - plan_of(name).ours - {room_of(name)}
        yield from (f"{name} imports {other}" for other in sorted(beyond))


def a_room_leans_on_what_the_floor_plan_says(house: House) -> Iterator[str]:
    """The core needs the standard library and typing-extensions, the plugin only mypy."""
    for name, module in house.items():
        if (theirs := plan_of(name).theirs) is not None:
            when_needed = WHEN_NEEDED.get(name, frozenset()) - tops(module.imports_at_once)
            allowed = theirs | when_needed | {"typedbus"} | sys.stdlib_module_names
            yield from (
                f"{name} imports {other}" for other in sorted(tops(module.imports) - allowed)
            )


def tops(names: frozenset[str]) -> frozenset[str]:
    """Return the packages that *names* lie in."""
    return frozenset(name.partition(".")[0] for name in names)


def no_import_runs_in_a_circle(house: House) -> Iterator[str]:
    """Not even imports that wait in a function or that only a type checker sees."""
    try:
        TopologicalSorter({name: module.imports for name, module in house.items()}).prepare()
    except CycleError as error:
        yield " -> ".join(error.args[1])


def the_front_door_only_shows_names(house: House) -> Iterator[str]:
    """It imports names and lists them in order; nothing is computed when typedbus is imported."""
    names: list[object] = []
    for statement in house["typedbus"].tree.body:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.ImportFrom():
                pass
            case ast.Assign(targets=[ast.Name("__all__")], value=ast.List(elts=listed)) if all(
                isinstance(element, ast.Constant) for element in listed
            ):
                names = [ast.literal_eval(element) for element in listed]
            case ast.Assign(targets=[ast.Name("__version__")], value=ast.Constant()):
                pass
            case _:
                yield f"typedbus computes: {ast.unparse(statement)}"
    if names != sorted(names, key=str):
        yield f"typedbus.__all__ is not sorted: {names}"


def a_file_is_read_in_one_sitting(house: House) -> Iterator[str]:
    """A file has 300 lines at most, the front door 60; the tree of errors is one file."""
    for name, module in house.items():
        lines = len(module.source.splitlines())
        if lines > LONGER.get(name, LONGEST):
            yield f"{name} has {lines} lines"


RULES: list[Rule] = [
    every_module_lies_in_a_room,
    nobody_inside_enters_by_the_front_door,
    a_room_knows_what_the_floor_plan_says,
    a_room_leans_on_what_the_floor_plan_says,
    no_import_runs_in_a_circle,
    the_front_door_only_shows_names,
    a_file_is_read_in_one_sitting,
]
TYPEDBUS = house_of(
    {
        path.relative_to(SRC).as_posix(): path.read_text(encoding="utf-8")
        for path in SRC.rglob("*.py")
    }
)


@pytest.mark.parametrize("rule", RULES)
def test_the_house_is_in_order(rule: Rule) -> None:
    """Each rule holds for each file of the package."""
    assert list(rule(TYPEDBUS)) == []


SOUND = {
    "typedbus/__init__.py": (
        '"""The front door."""\nfrom typedbus.core.bus import Bus\n__all__ = ["Bus"]\n'
        '__version__ = "1"'
    ),
    "typedbus/core/bus.py": "from typing_extensions import TypeVar\nimport typedbus.core.events",
    "typedbus/core/codec.py": "def encode():\n    from pydantic import TypeAdapter",
    "typedbus/core/events.py": "",
    "typedbus/outbox/relay.py": "from typedbus.core import bus",
    "typedbus/adapters/fastapi.py": "import fastapi\nfrom typedbus.outbox.relay import Relay",
    "typedbus/adapters/celery.py": "import celery\nfrom ..core.bus import Bus",
    "typedbus/mypy/plugin.py": "from mypy.plugin import Plugin",
    "typedbus/cli/check.py": "from typedbus.catalog import facts",
}


BREACHES: list[tuple[Rule, str, str, str]] = [
    (every_module_lies_in_a_room, "helpers/text", "", "typedbus.helpers.text lies in no room"),
    (nobody_inside_enters_by_the_front_door, "core/bus", "import typedbus", "typedbus.core.bus"),
    (nobody_inside_enters_by_the_front_door, "cli/run", "from .. import Bus", "typedbus.cli.run"),
    (a_room_knows_what_the_floor_plan_says, "core/bus", "from ..outbox import x", "outbox"),
    (a_room_knows_what_the_floor_plan_says, "outbox/x", "import typedbus.cli", "cli"),
    (a_room_knows_what_the_floor_plan_says, "mypy/x", "import typedbus.core.bus", "core"),
    (
        a_room_knows_what_the_floor_plan_says,
        "adapters/celery",
        "def f():\n    from typedbus.adapters.fastapi import x",
        "typedbus.adapters.celery imports adapters.fastapi",
    ),
    (
        a_room_knows_what_the_floor_plan_says,
        "__init__",
        '__all__ = ["x"]\nfrom typedbus.adapters.fastapi import x',
        "typedbus imports adapters.fastapi",
    ),
    (a_room_leans_on_what_the_floor_plan_says, "core/bus", "import anyio.abc", "imports anyio"),
    (a_room_leans_on_what_the_floor_plan_says, "mypy/x", "import pydantic", "imports pydantic"),
    (a_room_leans_on_what_the_floor_plan_says, "core/codec", "import pydantic", "pydantic"),
    (
        a_room_leans_on_what_the_floor_plan_says,
        "core/bus",
        "def f():\n    import pydantic",
        "typedbus.core.bus imports pydantic",
    ),
    (no_import_runs_in_a_circle, "core/events", "from typedbus.core.bus import Bus", " -> "),
    (
        no_import_runs_in_a_circle,
        "core/events",
        "if TYPE_CHECKING:\n    import typedbus.core.bus",
        " -> ",
    ),
    (the_front_door_only_shows_names, "__init__", '__all__ = ["Event", "Bus"]', "not sorted"),
    (the_front_door_only_shows_names, "__init__", '__all__ = ["x"]\nx = f()', "computes: x = f()"),
    (the_front_door_only_shows_names, "__init__", "__all__ = [*names]", "computes: __all__"),
    (a_file_is_read_in_one_sitting, "core/bus", "\n" * 301, "typedbus.core.bus has 301 lines"),
    (a_file_is_read_in_one_sitting, "__init__", "\n" * 61, "typedbus has 61 lines"),
]


@pytest.mark.parametrize(
    ("rule", "module", "source", "named"),
    BREACHES,
    ids=[f"{rule.__name__}-{n}" for n, (rule, *_) in enumerate(BREACHES)],
)
def test_each_rule_names_what_breaks_it(rule: Rule, module: str, source: str, named: str) -> None:
    """One file put into a sound house is found, and told by its name."""
    house = house_of(SOUND | {f"typedbus/{module}.py": source})

    (said,) = rule(house)

    assert named in said


def test_a_sound_house_breaks_no_rule() -> None:
    """What the breaches are made from is in order, and each rule has a breach."""
    assert [said for rule in RULES for said in rule(house_of(SOUND))] == []
    assert {rule for rule, *_ in BREACHES} == set(RULES)
