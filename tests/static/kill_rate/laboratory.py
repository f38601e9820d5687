"""Where the mutants are checked: copies of the programs, beside which all mutants lie at once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from tests.static.checkers import BY_NAME, Checker
from tests.static.expectations import Report
from tests.static.kill_rate.checking import prepare, run_in
from tests.static.kill_rate.drafts import Mutant
from tests.static.kill_rate.sources import Module, World
from tests.static.kill_rate.texts import Edit, edited, replacement

Found: TypeAlias = Counter[tuple[str, Report]]
"""What was reported, each with the path of its module."""

_MARK: Final = re.compile(r"__m(\d+)\b")
# That a name is no longer used is true, and says nothing about the contract.
_UNUSED: Final = ("Import", "Variable", "Class", "Function")
_OF_NO_MATTER: Final = frozenset(f"reportUnused{what}" for what in _UNUSED)


class Laboratory:
    """Asks every checker about all *mutants*; each runs once, when it is first asked for."""

    def __init__(self, folder: Path, world: World, mutants: Sequence[Mutant]) -> None:
        self._folder = folder
        self._mutants = mutants
        self._outputs: dict[Checker, str] = {}
        prepare(folder, files_of(world, mutants))

    def reports(self, name: str) -> list[tuple[Report, ...]]:
        """Return what the checker *name* reports of each mutant, beyond what it says anyway."""
        of_programs, of_mutants = self._found_by(name)
        return [
            tuple(_new(of_programs, of_mutants.get(number, []), mutant))
            for number, mutant in enumerate(self._mutants)
        ]

    def reports_of_programs(self, name: str) -> list[str]:
        """Return what the checker *name* reports of the programs as they are."""
        return [f"{path}:{said.line}: {said.message}" for path, said in self._found_by(name)[0]]

    def _found_by(self, name: str) -> tuple[Found, Mapping[int, list[tuple[str, Report]]]]:
        of_programs = Found()
        of_mutants: dict[int, list[tuple[str, Report]]] = {}
        checker, read = BY_NAME[name]
        for file, report in read(self._output_of(checker)):
            path = file.replace("\\", "/").rpartition("cases/")[2]
            said = _MARK.sub("", path), report._replace(message=_MARK.sub("", report.message))
            if mark := _MARK.search(path):
                of_mutants.setdefault(int(mark[1]), []).append(said)
            else:
                of_programs[said] += 1
        return of_programs, of_mutants

    def _output_of(self, checker: Checker) -> str:
        if checker not in self._outputs:
            self._outputs[checker] = run_in(self._folder, checker)
        return self._outputs[checker]


def _new(of_programs: Found, reports: list[tuple[str, Report]], mutant: Mutant) -> Iterator[Report]:
    known = of_programs.copy()
    for path, said in reports:
        here = path == _file_of(mutant.module)
        report = said._replace(line=mutant.line_before(said.line)) if here else said
        if known[path, report] > 0:
            known[path, report] -= 1
        elif report.code not in _OF_NO_MATTER:
            yield report


def files_of(world: World, mutants: Sequence[Mutant]) -> Mapping[str, str]:
    """Return the programs, and beside each module its mutants: `mail.py`, `mail__m17.py`.

    Where a mutant changes what others import, these are copied too: `app__m17.py` imports from
    `mail__m17`.
    """
    files = {str(module.path): module.source for module in world.modules.values()}
    for number, mutant in enumerate(mutants):
        name = mutant.module.name
        reached = world.importers_of(name) if mutant.reaches else frozenset[str]()
        files[_marked(mutant.module, number)] = mutant.source
        for importer in map(world.modules.__getitem__, reached):
            edits = _redirected(importer, reached | {name}, number)
            files[_marked(importer, number)] = edited(importer.source, edits)
    return files


def _file_of(module: Module) -> str:
    """Return the path of *module* as a file beside its neighbours, which a package is not."""
    path = module.path.parent if module.path.stem == "__init__" else module.path
    return str(path.with_suffix(".py"))


def _marked(module: Module, number: int) -> str:
    path = PurePosixPath(_file_of(module))
    return str(path.with_stem(f"{path.stem}__m{number}"))


def _redirected(module: Module, copied: frozenset[str], number: int) -> Iterator[Edit]:
    """Yield what makes the imports of *module* lead to the copies."""
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(module=str(source), names=aliases):
                lead = {each.name for each in aliases if f"{source}.{each.name}" in copied}
                if lead or source in copied:
                    yield replacement(
                        module.source, node, _import(node, source, lead, copied, number)
                    )
            case ast.Import(names=aliases) if copied & {alias.name for alias in aliases}:
                raise ValueError(f"{module.path}:{node.lineno}: write it as `from ... import ...`")
            case _:
                pass


def _import(
    node: ast.ImportFrom, source: str, modules: set[str], copied: frozenset[str], number: int
) -> str:
    """Return the import *node* so that it leads to the copies, on as many lines as it has."""
    names = [
        f"{each.name}__m{number} as {each.asname or each.name}"
        if each.name in modules
        else ast.unparse(each)
        for each in node.names
    ]
    lines = (node.end_lineno or 0) - node.lineno
    origin = f"{source}__m{number}" if source in copied else source
    return f"from {origin} import {', '.join(names)}" + "\n" * lines
