"""The kill rate: mypy with the plugin refuses every mistake; of the others the docs tell."""

import re
from collections.abc import Mapping, Sequence

import pytest

from tests.static.checkers import BY_NAME, is_installed
from tests.static.expectations import PLUGIN, Report
from tests.static.kill_rate.checking import ASKED
from tests.static.kill_rate.experiment import Experiment
from tests.static.kill_rate.mistakes import KINDS
from tests.static.kill_rate.sources import ROOT
from tests.static.kill_rate.table import printed, rows_of, section, write, written
from tests.static.kill_rate.trial import mistake_in

EXAMPLES = ROOT / "examples"
PROGRAMS = [
    "parcels",
    *sorted({path.relative_to(EXAMPLES).parts[0] for path in EXAMPLES.rglob("*.py")}),
]
each_checker = pytest.mark.parametrize("checker", ASKED)


@pytest.fixture(scope="session")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    """All programs and their mutants."""
    return Experiment(tmp_path_factory.mktemp("kill_rate"))


def reports_by(experiment: Experiment, checker: str) -> Sequence[tuple[Report, ...]]:
    """Return what *checker* reports of each mutant; skip the test if it is not installed."""
    asked, _ = BY_NAME[checker]
    if not is_installed(asked):
        pytest.skip(f"{asked.module}: not installed")
    return experiment.reports(checker)


def test_mypy_with_the_plugin_refuses_every_mistake(experiment: Experiment) -> None:
    """100 %: there is no mistake in the contract that it has nothing to say about."""
    reports = reports_by(experiment, PLUGIN)

    survivors = [
        f"{mutant.module.path}:{mutant.line}: {mutant.mistake}\n    {mutant.shown}"
        for mutant, said in zip(experiment.mutants, reports, strict=True)
        if not said
    ]
    assert not survivors, "\n".join(survivors)


def test_the_plugin_has_its_own_words_for_most(experiment: Experiment) -> None:
    """Where a kind of mistake has a code, there is a report by that code."""
    reports = reports_by(experiment, PLUGIN)

    otherwise = [
        f"{mutant.mistake} [{mutant.code}]: {mutant.shown}: {said}"
        for mutant, said in zip(experiment.mutants, reports, strict=True)
        if mutant.code and mutant.code not in {report.code for report in said}
    ]
    assert not otherwise, "\n".join(otherwise)


def test_where_two_classes_do_not_go_together_both_are_named(experiment: Experiment) -> None:
    """One report has the names of all the classes that the mistake is about."""
    reports = reports_by(experiment, PLUGIN)

    vague = [
        f"{mutant.shown}: {said}"
        for mutant, said in zip(experiment.mutants, reports, strict=True)
        if not any(all(names(report, each) for each in mutant.classes) for report in said)
    ]
    assert not vague, "\n".join(vague)


@each_checker
def test_what_a_mutant_needs_beside_its_mistake_is_right(
    checker: str, experiment: Experiment
) -> None:
    """No mutant is refused for a line that was only added to name a class or a handler."""
    reports_by(experiment, checker)

    reports = experiment.reports_of_controls(checker)

    assert [said for said in reports if said] == []


def test_the_programs_are_right(experiment: Experiment) -> None:
    """As they are, mypy with the plugin has nothing to say about them."""
    reports_by(experiment, PLUGIN)

    assert experiment.reports_of_programs(PLUGIN) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_taken(program: str, experiment: Experiment) -> None:
    """All the examples, each with its event classes, its handlers, and who publishes."""
    kinds = {
        mutant.mistake.partition(":")[0]
        for mutant in experiment.mutants
        if mutant.module.name.partition(".")[0] == program
    }

    assert kinds >= {"event class", "parameter of a handler", "published"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_mistake_is_made_somewhere(kind: str, experiment: Experiment) -> None:
    """A mistake that no program can suffer would count for nothing."""
    assert any(mutant.mistake == kind for mutant in experiment.mutants)


# Nothing is wrong with what they do, this time: what is gone is the promise that it stays so.
BY_REASONING = {
    "event class: something of type `Any`",
    "handler: a function that takes `Any`",
    "handler: something of type `Any`",
    "parameter of a handler: `Any`",
    "parameter of a handler: no annotation",
    "published: an event of another class",
    "published: an event of the base class",
    "publisher that a use case takes: no annotation",
    "publisher that a use case takes: no type argument",
    "publisher that a use case takes: of `Any`",
    "publisher that a use case takes: of a subclass",
    "publisher that a use case takes: of another class",
    "publisher that a use case takes: the other one, sync for async or async for sync",
}


def test_each_mistake_is_one(experiment: Experiment) -> None:
    """The program `parcels` is run with each: it fails, or a handler gets what it does not take."""
    mutants = [each for each in experiment.mutants if each.module.name == "parcels"]
    [control] = [each for each in experiment.controls if each.module.name == "parcels"]

    harmless = {mutant.mistake for mutant in mutants if mistake_in(mutant) is None}

    assert harmless == BY_REASONING
    assert mistake_in(control) is None


def test_the_docs_tell_the_rates(
    experiment: Experiment, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """The section is what `python -m pytest tests/static/kill_rate --write` writes."""
    reports: Mapping[str, Sequence[tuple[Report, ...]]] = {
        checker: reports_by(experiment, checker) for checker in ASKED
    }
    rows = rows_of(experiment.mutants, reports)
    print(f"\n{printed(rows)}")
    if request.config.getoption("--write", default=False):
        write(section(rows))

    assert written() == section(rows)


def names(report: Report, cls: str) -> bool:
    """Say whether *report* has the name of the class *cls*."""
    return re.search(rf"\b{cls}\b", report.message) is not None
