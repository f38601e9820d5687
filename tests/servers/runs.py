"""Runs of pytest, within a test, that have the servers too."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_SERVERS = ["-p", "tests.servers.plugin", "-p", "no:valkey"]


def with_servers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* with our own folder first in the path of imports."""
    path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    return {**environment, "PYTHONPATH": path}


def run_apart(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a process of its own.

    Within ours, pytester forgets each module that the run imports: kombu would then be there twice.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", with_servers(os.environ)["PYTHONPATH"])
        return pytester.runpytest_subprocess(*WITH_SERVERS, *arguments)
