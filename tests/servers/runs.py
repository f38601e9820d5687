"""Runs of pytest that have the servers, each in a process of its own.

Not by pytester: whatever is imported while a test uses it is forgotten and imported again later, so
that kombu, for one, is there twice and does not know its own connections.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def start_run(folder: Path, **environment: str) -> subprocess.Popen[str]:
    """Start the tests in *folder*; what they print goes through, as do the reasons of skips."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "-s", "-rs"),
            *("-p", "tests.servers.plugin", "-p", "no:valkey"),
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path} | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_of_run(folder: Path, **environment: str) -> list[str]:
    """Run the tests in *folder*; return the lines that came out."""
    with start_run(folder, **environment) as run:
        output, _ = run.communicate()
    return output.splitlines()
