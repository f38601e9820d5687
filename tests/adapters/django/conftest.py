"""Runs the tests of the folder `inside` in a process of their own.

Django can be configured once per process. So those are run by pytest inside of a test here, one
file at a time, with pytest-django and the settings of the project in that folder.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

collect_ignore = [] if "TYPEDBUS_DJANGO_FOLDER" in os.environ else ["inside"]


@pytest.fixture
def run_inside(tmp_path: Path) -> Callable[..., None]:
    """Return what runs files of `inside`, and fails with what pytest printed."""

    def run(files: str, environment: Mapping[str, str] | None = None) -> None:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
                *(str(HERE / "inside" / file) for file in files.split()),
            ],
            cwd=ROOT,
            env={**os.environ, "TYPEDBUS_DJANGO_FOLDER": str(tmp_path), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(done.stdout + done.stderr, pytrace=False)

    return run
