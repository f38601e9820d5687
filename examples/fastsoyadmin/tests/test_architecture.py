"""Who may import whom, who publishes what, where handlers stand: read from the sources."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastsoyadmin.modules import find_modules

ROOT = Path(__file__).parents[1]
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(ROOT.rglob("*.py"))
    if "tests" not in path.parts
}
CONTRACTS = {name for name in SOURCES if name.startswith("contracts.")}
SYSTEM = {name.split(".")[1] for name in SOURCES if name.startswith("system.")}
BASIS = {"database", "events", "modules"}
OWNERS = {
    event_type.__name__: owner.removeprefix("fastsoyadmin.")
    for owner, module in find_modules().items()
    for event_type in module.publishes
}


def breaches(name: str, source: str) -> Iterator[str]:
    """Say which rules the module *name* breaks."""
    mine = part_of(name)
    handles = name.endswith(".handlers")
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("fastsoyadmin."):
                other = part_of(module.removeprefix("fastsoyadmin."))
                if other not in allowed(mine):
                    yield f"{name} imports {other}"
            case ast.Import(names=names) if any("fastsoyadmin" in each.name for each in names):
                yield f"{name} imports without saying what"
            case ast.ImportFrom(module="fastsoyadmin"):
                yield f"{name} imports without saying what"
            case ast.Call(func=ast.Name(event)) if event in OWNERS:
                if not name.startswith(f"{OWNERS[event]}."):
                    yield f"{name} makes a {event}, which {OWNERS[event]} owns"
            case ast.Attribute(value=ast.Name("bus"), attr="on" | "subscribe") if not handles:
                yield f"{name} subscribes"
            case _:
                pass


def allowed(part: str) -> set[str]:
    """Return the parts that *part* may import from."""
    match part.split("."):
        case ["__main__"]:
            return {"app"}
        case ["system"]:  # it knows the events of its own modules, not those of the business
            return {*BASIS, "system", *(f"contracts.{module}" for module in SYSTEM)}
        case ["business", _]:
            return {*BASIS, "system", *CONTRACTS, part}
        case _:
            return BASIS


def part_of(name: str) -> str:
    """Return the part that a module lies in: each module of the business is one of its own."""
    first, *rest = name.split(".")
    return f"{first}.{rest[0]}" if first in {"business", "contracts"} and rest else first


@pytest.mark.parametrize("name", SOURCES)
def test_the_modules_meet_in_contracts_only(name: str) -> None:
    """The system does not know the business, whose modules do not know each other."""
    assert list(breaches(name, SOURCES[name])) == []


@pytest.mark.parametrize(
    ("name", "source", "breach"),
    [
        ("system.users.api", "from fastsoyadmin.business.hr.tables import Employee", "business.hr"),
        ("system.audit.handlers", "from fastsoyadmin.contracts.hr import EmployeeCreated", "hr"),
        ("business.hr.api", "from fastsoyadmin.business.notify.sending import send", "notify"),
        ("contracts.hr", "from fastsoyadmin.business.hr.tables import Employee", "business.hr"),
        ("app", "def f():\n    from fastsoyadmin.business.hr.module import module", "business.hr"),
        ("app", "import fastsoyadmin.business.hr", "without saying what"),
        ("app", "from fastsoyadmin import business", "without saying what"),
        ("business.notify.sending", "EmployeeCreated(employee_id=1)", "business.hr owns"),
        ("business.notify.sending", "@bus.on(EmployeeCreated)\ndef f(event): ...", "subscribes"),
    ],
    ids=[
        "upwards",
        "events-upwards",
        "sideways",
        "contracts",
        "late",
        "whole",
        "package",
        "not-the-owner",
        "not-in-handlers",
    ],
)
def test_each_breach_is_found(name: str, source: str, breach: str) -> None:
    """A test that reads sources has to show that it can read."""
    (said,) = breaches(name, source)

    assert said.startswith(name)
    assert breach in said
