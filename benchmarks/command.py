"""The command line that every question shares."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

from benchmarks.measure import FULL, QUICK, Effort
from benchmarks.results import (
    Answer,
    machine_facts,
    not_installed,
    python_facts,
    table_of_targets,
    versions,
    write_json,
)

Progress = Callable[[str], None]
Question = Callable[[Effort, Progress], Answer]


def main(description: str, *questions: Question) -> None:
    """Ask *questions*, print the answers, keep the figures if asked to."""
    options = _options(description)
    effort = _effort(options)
    print(_heading(effort))
    answers = []
    for question in questions:
        answer = question(effort, _progress)
        for table in answer.tables:
            print(table)
        sys.stdout.flush()
        answers.append(answer)
    if any(answer.targets for answer in answers):
        print(table_of_targets(answers))
    if options.json:
        write_json(options.json, answers, effort)


def _options(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to FILE")
    parser.add_argument(
        "--quick", action="store_true", help="measure shortly: to see that it runs, not to quote"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="measure everyone N times")
    parser.add_argument("--modules", type=int, metavar="N", help="let mypy check N modules")
    return parser.parse_args()


def _effort(options: argparse.Namespace) -> Effort:
    effort = QUICK if options.quick else FULL
    if times := options.rounds:
        effort = replace(effort, rounds=times, processes=times, checks=times, drains=times)
    return replace(effort, modules=options.modules or effort.modules)


def _heading(effort: Effort) -> str:
    python = python_facts()
    machine = machine_facts()
    libraries = ", ".join(f"{name} {number}" for name, number in versions().items())
    cores = f"{machine['usable_cores']} of {machine['cores']} cores"
    lines = [
        f"{python['implementation']} {python['version']}, {machine['system']}, {cores}",
        libraries,
        f"not installed: {', '.join(not_installed()) or 'none'}",
        f"{effort.rounds} rounds, everyone in every round",
        "x: the median of the rounds' ratios; (least): the quickest round over the quickest round",
    ]
    if effort.quick:
        lines.append("--quick: the figures show that it runs and are not to be quoted")
    return "\n".join([*_wrapped(lines), ""])


def _wrapped(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in wrap(line, 98)]


def _progress(doing: str) -> None:
    print(f"... {doing}", file=sys.stderr, flush=True)
