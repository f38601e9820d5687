"""The programs: their modules, what these import, and which class inherits from which."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

from tests.static.checkers import HERE

ROOT: Final = HERE.parents[1]
FOLDERS: Final = (ROOT / "examples", HERE / "kill_rate" / "programs")
"""Every program in them is taken; the second holds what no example happens to do."""

OBJECT: Final = "builtins.object"
EVENT: Final = "typedbus.Event"


@dataclass(frozen=True)
class Module:
    """One file of a program."""

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
    def names(self) -> Mapping[str, str]:
        """What each name is that it imports or that is a class of its own: its full name."""
        found = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.ImportFrom(module=str(module), names=aliases):
                    for alias in aliases:
                        found[alias.asname or alias.name] = f"{module}.{alias.name}"
                case ast.Import(names=aliases):
                    for alias in aliases:
                        found[alias.asname or alias.name] = alias.name
                case _:
                    pass
        classes = (node for node in self.tree.body if isinstance(node, ast.ClassDef))
        return found | {node.name: f"{self.name}.{node.name}" for node in classes}

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module that it may import, in `from shop import events` both of them."""
        found = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.ImportFrom(module=str(module), names=aliases):
                    found |= {module, *(f"{module}.{alias.name}" for alias in aliases)}
                case ast.Import(names=aliases):
                    found |= {alias.name for alias in aliases}
                case _:
                    pass
        return frozenset(found)

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name that it defines or uses."""
        nodes = list(ast.walk(self.tree))
        names = {getattr(node, each, None) for node in nodes for each in ("id", "arg", "name")}
        return frozenset(name for name in names if isinstance(name, str))

    @cached_property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """What each node is a part of."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what *node* lies in, from the inside to the outside."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def text(self, node: ast.AST) -> str:
        """Return *node* as it is written."""
        return ast.get_source_segment(self.source, node) or ""


@dataclass(frozen=True)
class World:
    """All programs together: no two of them have a module in common."""

    modules: Mapping[str, Module]

    def class_called(self, module: Module, expression: ast.AST) -> str | None:
        """Return the full name of the class that *expression* names in *module*."""
        match expression:
            case ast.Name(id=name):
                return self._resolved(module, name)
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                owning = self.modules.get(module.names.get(owner, ""))
                return self._resolved(owning, name) if owning else None
            case ast.Constant(value=str(name)):
                return self._resolved(module, name)
            case _:
                return None

    def _resolved(self, module: Module, name: str) -> str | None:
        full = module.names.get(name)
        if full is None:
            return None
        owner, _, last = full.rpartition(".")
        defining = self.modules.get(owner)
        if defining is None or defining is module:
            return full
        return self._resolved(defining, last)

    @cached_property
    def _bases(self) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for module in self.modules.values():
            for node in module.tree.body:
                if isinstance(node, ast.ClassDef):
                    bases = (self.class_called(module, base) for base in node.bases)
                    found[f"{module.name}.{node.name}"] = tuple(filter(None, bases))
        return found

    @property
    def classes(self) -> Iterator[str]:
        """Every class that a module of the programs defines."""
        return iter(self._bases)

    def definition(self, full_name: str) -> tuple[Module, ast.ClassDef]:
        """Return where the class *full_name* is written."""
        owner, _, name = full_name.rpartition(".")
        module = self.modules[owner]
        found = [n for n in module.tree.body if isinstance(n, ast.ClassDef) and n.name == name]
        return module, found[-1]

    def inherits(self, cls: str, base: str) -> bool:
        """Say whether *cls* is *base* or inherits from it."""
        if base in (cls, OBJECT):
            return True
        return any(self.inherits(each, base) for each in self._bases.get(cls, ()))

    def bases(self, cls: str) -> Iterator[str]:
        """Yield the classes that *cls* inherits from, the nearest first."""
        for base in self._bases.get(cls, ()):
            yield base
            yield from self.bases(base)

    def root_of(self, cls: str) -> str:
        """Return the farthest class of the programs that *cls* inherits from."""
        return [cls, *(base for base in self.bases(cls) if base in self._bases)][-1]

    @cached_property
    def _imports(self) -> Mapping[str, frozenset[str]]:
        known = frozenset(self.modules)
        return {name: module.imports & known for name, module in self.modules.items()}

    def imported_by(self, name: str) -> frozenset[str]:
        """Return every module that importing the module *name* imports, itself included."""
        found, waiting = set[str](), [name]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(self._imports[each])
        return frozenset(found)

    def importers_of(self, name: str) -> frozenset[str]:
        """Return every module that imports the module *name*, however indirectly."""
        return frozenset(
            each for each in self.modules if each != name and name in self.imported_by(each)
        )


def world_of(sources: Mapping[str, str]) -> World:
    """Return the programs whose files *sources* holds, by path."""
    modules = [Module(PurePosixPath(path), source) for path, source in sources.items()]
    return World({module.name: module for module in modules})


def read_programs() -> World:
    """Return every program under the folders, without its tests."""
    return world_of(
        {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for folder in FOLDERS
            for path in sorted(folder.rglob("*.py"))
            if "tests" not in path.relative_to(folder).parts
        }
    )
