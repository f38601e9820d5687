"""The tests of the folder `inside`, run by pytest-django in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from updo360.tests.conftest import INSIDE

INSIDE_FOLDER = Path(__file__).with_name("inside")
ROOT = INSIDE_FOLDER.parents[3]


def test_the_project_passes_its_tests() -> None:
    """Django's test database, Django's captured commits; nothing of ours is patched."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]

    done = subprocess.run(
        [*command, "--ds=updo360.settings_test", str(INSIDE_FOLDER)],
        cwd=ROOT,
        env={**os.environ, INSIDE: "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
