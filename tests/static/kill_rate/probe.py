"""What mypy takes expressions of the programs for, asked by `reveal_type` and without the plugin.

Only so is it known what a handler accepts, and which calls are made on a bus.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from tests.static.checkers import BY_NAME
from tests.static.kill_rate.checking import prepare, run_in
from tests.static.kill_rate.sources import Module, World
from tests.static.kill_rate.texts import Edit, edited, insertion

METHODS: Final = frozenset({"subscribe", "on", "wait_for", "stream", "publish"})
_REVEALED: Final = re.compile(r'Revealed type is "(.*)"')

Spot: TypeAlias = tuple[str, int, int, int | None, int | None]
"""Where an expression stands: its module, and where it begins and ends there."""


def spot(module: Module, node: ast.expr) -> Spot:
    """Return where *node* stands."""
    return (module.name, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def types_in(world: World, folder: Path) -> Mapping[Spot, str]:
    """Return the type of each expression that may matter, as mypy writes it."""
    defined = {name for module in world.modules.values() for name in _defined_in(module)}
    asked = {name: list(_asked(module, defined)) for name, module in world.modules.items()}
    probes = {
        name: edited(module.source, _wrapped(module, asked[name]))
        for name, module in world.modules.items()
    }
    prepare(folder, {str(world.modules[name].path): probe for name, probe in probes.items()})
    answers = _answers(run_in(folder, BY_NAME["mypy"][0]))
    found = {}
    for name, probe in probes.items():
        path = f"cases/{world.modules[name].path}"
        for node, place in zip(asked[name], _reveals(probe), strict=True):
            if (answer := answers.get((path, *place))) is not None:
                found[spot(world.modules[name], node)] = answer
    return found


def _asked(module: Module, defined: AbstractSet[str]) -> Iterator[ast.expr]:
    """Yield the expressions to ask for, each before those inside it."""
    found = set[ast.expr]()
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=method) as function, args=args):
                if method in METHODS:
                    found.add(receiver)
                    found |= {each.value for each in node.keywords if each.arg == "via"}
                elif method in defined and (args or node.keywords):
                    found.add(function)
                if method == "subscribe" and len(args) > 1:
                    found |= set(_handlers_in(args[1]))
            case ast.Call(func=ast.Name(id=name) as function) if name in defined:
                found.add(function)
            case _:
                pass
    return iter(sorted(found, key=lambda node: (_start(node), _inverse(_end(node)))))


def _handlers_in(argument: ast.expr) -> Iterator[ast.expr]:
    """Yield *argument*, and the handlers inside the deliveries around it, with these."""
    yield argument
    match argument:
        case ast.Call(func=delivery, args=[inner, *_]):
            yield delivery
            yield from _handlers_in(inner)
        case _:
            pass


def _defined_in(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _inverse(place: tuple[int, int]) -> tuple[int, int]:
    return -place[0], -place[1]


def _wrapped(module: Module, nodes: list[ast.expr]) -> Iterator[Edit]:
    for node in nodes:
        yield insertion(module.source, _start(node), "reveal_type(")
    # What ends first is closed first.
    for node in reversed(nodes):
        yield insertion(module.source, _end(node), ")")


def _reveals(probe: str) -> list[tuple[int, int]]:
    """Return where what each `reveal_type` reveals begins, the outer before the inner ones."""
    calls = [
        node
        for node in ast.walk(ast.parse(probe))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "reveal_type"
    ]
    calls.sort(key=lambda node: (_start(node), _inverse(_end(node))))
    return [_start(node.args[0]) for node in calls]


def _answers(output: str) -> Mapping[tuple[str, int, int], str]:
    found = {}
    for line in output.splitlines():
        item: dict[str, Any] = json.loads(line)
        if answer := _REVEALED.search(item["message"]):
            found[item["file"], item["line"], item["column"]] = answer[1]
    return found


class Parameter(NamedTuple):
    """One parameter of a callable, as mypy writes its type."""

    name: str
    type: str
    required: bool


def parameters_of(revealed: str) -> list[Parameter] | None:
    """Return the parameters of what was revealed as `def (event: shop.OrderPlaced) -> None`."""
    if not revealed.startswith("def "):
        return None
    begin = revealed.index("(") + 1
    found, depth, last = list[str](), 0, begin
    for at in range(begin, len(revealed)):
        character = revealed[at]
        if depth == 0 and character in ",)":
            found.append(revealed[last:at].strip())
            last = at + 1
            if character == ")":
                break
        depth += (character in "([{") - (character in ")]}")
    return [_parameter(each) for each in found if each and each not in ("*", "/")]


def _parameter(written: str) -> Parameter:
    optional = written.endswith("=") or written.startswith("*")
    named = re.match(r"(\w+): ", written)
    kind = written.removesuffix("=").strip()
    return Parameter(
        named[1] if named else "", kind[named.end() :] if named else kind, not optional
    )
