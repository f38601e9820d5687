"""A mutant in the making: one module, one changed place, and the lines that this needs."""

import ast
import re
from contextlib import suppress
from typing import Final, NamedTuple

from tests.static.kill_rate.sources import Module, World
from tests.static.kill_rate.texts import Edit, edited, insertion, replacement

_VALUES: Final = {"int": "0", "str": '""'}


class CannotBeMadeError(Exception):
    """The mistake is none at this place, or cannot be written there."""


class Mutant(NamedTuple):
    """A program with one mistake."""

    mistake: str
    code: str
    """By which code mypy with the plugin is to report it; empty for any."""
    module: Module
    line: int
    """Where the mistake was made, in the module as it was."""
    source: str
    """The module as it is now."""
    added: tuple[str, ...]
    """The lines that were added, and do nothing by themselves."""
    added_after: int
    classes: tuple[str, ...]
    """The names of the classes that do not go together: a good message has them all."""
    reaches: bool
    """Whether other modules must be checked with it, as it changes what they import."""

    def line_before(self, line: int) -> int:
        """Return where *line* of the source stood before lines were added."""
        return line if line <= self.added_after else max(self.added_after, line - len(self.added))

    @property
    def shown(self) -> str:
        """The line with the mistake; where a statement has several, all of them as one."""
        line = self.line + len(self.added) * (self.line > self.added_after)
        statements = (
            node for node in ast.walk(ast.parse(self.source)) if isinstance(node, ast.stmt)
        )
        for node in statements:
            if not hasattr(node, "body") and node.lineno <= line <= (node.end_lineno or 0):
                return ast.unparse(node)
        return self.source.split("\n")[line - 1].strip()


class Draft:
    """One module, which is about to be given a mistake."""

    def __init__(self, world: World, module: Module, place: ast.AST) -> None:
        self.world = world
        self.module = module
        self._place = place
        self._imports: list[str] = []
        self._lines: list[str] = []
        self._needs = [_end_of_imports(module)]
        self._edits: list[Edit] = []
        self._classes: dict[str, str] = {}

    def name(self, cls: str) -> str:
        """Return what the class *cls* is called in the module, and import it where need be."""
        called = self._name(cls)
        self._classes[called] = cls
        return called

    def _name(self, cls: str) -> str:
        owner, _, last = cls.rpartition(".")
        if owner == self.module.name:
            _, definition = self.world.definition(cls)
            self._needs.append(definition.end_lineno or 0)
            return last
        if called := self._imported(cls):
            return called
        if owner in self.world.modules and self.module.name in self.world.imported_by(owner):
            raise CannotBeMadeError(f"{owner} imports {self.module.name}")
        self.importing(owner, last)
        return last

    def _imported(self, cls: str) -> str | None:
        for node in self.module.tree.body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    called = alias.asname or alias.name
                    if self.world.class_called(self.module, ast.Name(called)) == cls:
                        return called
        return None

    def importing(self, module: str, name: str) -> str:
        """Import *name* from *module*, and return it."""
        if self.module.names.get(name) != f"{module}.{name}":
            self._imports.append(f"from {module} import {name}")
        return name

    def define(self, line: str) -> None:
        """Add *line* to the module, below its imports and the classes named so far."""
        name = re.sub(r"async |def |class ", "", line).split("(")[0].split(":")[0].split(" ")[0]
        if name in self.module.identifiers:
            raise ValueError(f"{self.module.path}: give {name!r} another name, tests add one")
        self._lines.append(line)

    def subclass(self, base: str, name: str) -> str:
        """Add a class of that *name* below *base*, and return its name."""
        self.define(f"class {name}({self.name(base)}): ...")
        self._classes[name] = base  # whose fields it has
        return name

    def instance(self, name: str) -> str:
        """Add an instance of a class that was named or added before; return what it is called."""
        fields = self._fields(name)
        if set(fields.values()) <= set(_VALUES):
            given = ", ".join(f"{field}={_VALUES[kind]}" for field, kind in fields.items())
            self.define(f"made = {name}({given})")
        else:  # type checkers ask for no more
            self.define(f"made = {name}.__new__({name})")
        return "made"

    def _fields(self, name: str) -> dict[str, str]:
        """Return the fields without a default of the class called *name*, with their types."""
        found = {}
        cls = self._classes[name]
        for each in (cls, *self.world.bases(cls)):
            if each in set(self.world.classes):
                for node in self.world.definition(each)[1].body:
                    match node:
                        case ast.AnnAssign(target=ast.Name(id=field), value=None):
                            found[field] = ast.unparse(node.annotation)
                        case _:
                            pass
        return found

    def another(self, root: str, cls: str) -> str:
        """Return what a class below *root* is called that is neither base nor subclass of *cls*.

        It is one of the programs where there is one that can be imported, or else a new one.
        """
        found = [
            each
            for each in self.world.classes
            if self.world.inherits(each, root)
            and not self.world.inherits(each, cls)
            and not self.world.inherits(cls, each)
        ]
        near = set(self.module.names.values())
        for each in sorted(found, key=lambda each: (each not in near, each)):
            with suppress(CannotBeMadeError):
                return self.name(each)
        if cls == root:
            raise CannotBeMadeError(f"every class below {root} inherits from it")
        return self.subclass(root, "Another")

    def stranger(self, root: str) -> str:
        """Add a class beside *root*, which its bus does not carry, and return its name."""
        base = next(self.world.bases(root), None)
        if base is None:
            raise CannotBeMadeError(f"an event class might inherit from {root} and from anything")
        return self.subclass(base, "Elsewhere")

    def replace(self, node: ast.expr, text: str) -> None:
        """Put *text* in the place of *node*, with line ends so that no other line moves."""
        lost = (node.end_lineno or 0) - node.lineno - text.count("\n")
        self._edits.append(replacement(self.module.source, node, text + "\n" * lost))

    def insert(self, node: ast.stmt | ast.expr, text: str) -> None:
        """Put *text* before *node*."""
        place = node.lineno, node.col_offset
        self._edits.append(insertion(self.module.source, place, text))

    def delete(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Take away what stands between two places, each a line and a column."""
        first = insertion(self.module.source, start, "").start
        self._edits.append(Edit(first, insertion(self.module.source, end, "").start, ""))

    def drop_annotation(self, parameter: ast.arg, annotation: ast.expr) -> None:
        """Take away the *annotation* of *parameter*, with its colon."""
        begin = parameter.lineno, parameter.col_offset + len(parameter.arg.encode())
        self.delete(begin, (annotation.end_lineno or 0, annotation.end_col_offset or 0))

    def finished(
        self, mistake: str, code: str, classes: tuple[str, ...], *, reaches: bool
    ) -> Mutant:
        """Return the mutant."""
        after = max(self._needs)
        statement = _top_level(self.module, self._place)
        added = (*dict.fromkeys(self._imports), *self._lines)
        if added and after >= statement.lineno and not _in_a_function(self.module, self._place):
            raise CannotBeMadeError(f"line {after} comes too late")
        text = "".join(f"{line}\n" for line in added)
        edits = [*self._edits, insertion(self.module.source, (after + 1, 0), text)]
        source = edited(self.module.source, edits)
        line = getattr(self._place, "lineno", 0)
        names = tuple(cls.rpartition(".")[2] for cls in classes)
        return Mutant(mistake, code, self.module, line, source, added, after, names, reaches)


def _end_of_imports(module: Module) -> int:
    """Return the last line of the imports on top."""
    last = 0
    for node in module.tree.body:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
                last = node.end_lineno or 0
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                last = node.end_lineno or 0
            case _:
                break
    return last


def _top_level(module: Module, node: ast.AST) -> ast.stmt:
    for each in (node, *module.around(node)):
        if isinstance(each, ast.stmt) and module.parents.get(each) is module.tree:
            return each
    raise ValueError(node)


def _in_a_function(module: Module, node: ast.AST) -> bool:
    """Say whether *node* runs later than the module: in the body of a function."""
    inner = node
    for outer in module.around(node):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and inner in outer.body:
            return True
        inner = outer
    return False


def control_of(module: Module, mutants: list[Mutant]) -> Mutant:
    """Return *module* without a mistake, but with all the lines that its *mutants* needed."""
    added = dict.fromkeys(mutant.added for mutant in mutants if mutant.added)
    functions = [
        "".join([f"\n\ndef control_{number}() -> None:\n", *(f"    {line}\n" for line in lines)])
        for number, lines in enumerate(added)
    ]
    source = module.source + "".join(functions)
    return Mutant("none", "", module, 1, source, (), 0, (), reaches=False)
