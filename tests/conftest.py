"""What every test may rely on, and the line that says what was skipped."""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is no finding. With CI set, hypothesis loads its own profile "ci" instead: the same
# examples in every run, so a red run speaks of the change and not of luck.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])

LONGEST_FIRST = [
    "tests/static/kill_rate/",
    "tests/chaos/",
    "tests/static/",
    "tests/mypy/",
    "tests/adapters/sqlalchemy/outbox/",
    "tests/adapters/celery/",
    "examples/shop/tests/test_demo.py",
    "tests/docs/",
    "tests/editors/",
]
"""Files that take long, by how their paths begin: begun last, one would keep the run waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take long in front; workers take file by file in this order."""
    items.sort(key=lambda item: _rank(item.nodeid))


def _rank(node_id: str) -> int:
    for rank, start in enumerate(LONGEST_FIRST):
        if node_id.startswith(start):
            return rank
    return len(LONGEST_FIRST)


@pytest.fixture(scope="module", params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run each test marked `anyio` on asyncio and on trio."""
    return str(request.param)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was skipped and why.

    The reasons also go to the file that TYPEDBUS_SKIPPED names: there `make test` gathers them
    from its runs on several Pythons.
    """
    if hasattr(terminalreporter.config, "workerinput"):
        return  # a worker of pytest-xdist: whoever started it has all reports
    reports = terminalreporter.getreports("skipped")
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in reports)
    terminalreporter.write_line(skipped_line(reasons))
    if gathered := os.environ.get("TYPEDBUS_SKIPPED"):
        with Path(gathered).open("a", encoding="utf-8") as file:
            file.writelines(f"{reason}\n" for reason in reasons)


def skipped_line(reasons: Counter[str]) -> str:
    """Return the line that names each of *reasons*, and how often where it is more than once."""
    if not reasons:
        return "skipped: nothing"
    named = (reason if n == 1 else f"{reason} ({n})" for reason, n in reasons.items())
    return f"skipped: {reasons.total()} — {'; '.join(named)}"
