"""All that is asked of the outbox."""

from __future__ import annotations

from benchmarks.command import Progress
from benchmarks.measure import Effort
from benchmarks.outbox import backlog, latency, publishing, relays, requests, takeover
from benchmarks.outbox.amounts import amounts_of
from benchmarks.outbox.databases import databases
from benchmarks.results import Answer

QUESTIONS = (relays.ask, publishing.ask, latency.ask, takeover.ask, backlog.ask)


def ask(effort: Effort, progress: Progress) -> Answer:
    """Ask each question, on servers that are there for this run alone."""
    amounts = amounts_of(effort)
    with databases() as found:
        for absence in found.absent:
            progress(f"left out: {absence}")
        answers = [question(amounts, found, progress) for question in QUESTIONS]
        answers.append(requests.ask(effort, found, progress))
    return Answer(
        figures={name: rows for answer in answers for name, rows in answer.figures.items()},
        tables=[table for answer in answers for table in answer.tables],
        targets=[target for answer in answers for target in answer.targets],
    )
