"""All programs, all mutants, all checkers."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.static.expectations import Report
from tests.static.kill_rate.drafts import Mutant, control_of
from tests.static.kill_rate.finding import places_in
from tests.static.kill_rate.laboratory import Laboratory
from tests.static.kill_rate.mistakes import mutants_of
from tests.static.kill_rate.probe import types_in
from tests.static.kill_rate.sources import read_programs


class Experiment:
    """The mutants of all programs, laid out in *folder*; a checker runs when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.world = read_programs()
        self.places = places_in(self.world, types_in(self.world, folder / "probe"))
        self.mutants = tuple(mutants_of(self.world, self.places))
        self.controls = tuple(_controls(self.mutants))
        self._laboratory = Laboratory(
            folder / "mutants", self.world, (*self.mutants, *self.controls)
        )

    def reports(self, checker: str) -> Sequence[tuple[Report, ...]]:
        """Return what *checker* reports of each mutant that it does not report anyway."""
        return self._laboratory.reports(checker)[: len(self.mutants)]

    def reports_of_controls(self, checker: str) -> Sequence[tuple[Report, ...]]:
        """Return what *checker* reports of the lines that the mutants needed, by module."""
        return self._laboratory.reports(checker)[len(self.mutants) :]

    def reports_of_programs(self, checker: str) -> Sequence[str]:
        """Return what *checker* reports of the programs as they are."""
        return self._laboratory.reports_of_programs(checker)


def _controls(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    by_module = sorted(mutants, key=lambda mutant: mutant.module.name)
    for _, group in groupby(by_module, key=lambda mutant: mutant.module.name):
        of_one_module = list(group)
        yield control_of(of_one_module[0].module, of_one_module)
