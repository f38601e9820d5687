"""The two commands of the README, run as a reader runs them."""

import os
import re
import shutil
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen, run

import httpx2

from fastsoyadmin.tests.seeing import ALICE

ROOT = Path(__file__).parents[1]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
HERE = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_server_serves_on_a_free_port(database: str) -> None:
    """`python -m fastsoyadmin` prints its address and works on $FASTSOYADMIN_DATABASE."""
    command = [sys.executable, "-u", "-m", "fastsoyadmin"]
    environment = {**HERE, "FASTSOYADMIN_DATABASE": database}

    with Popen(command, stdout=PIPE, stderr=STDOUT, text=True, env=environment) as server:
        assert server.stdout is not None
        try:
            address = next(filter(None, map(ADDRESS.search, server.stdout)))[0]
            answer = httpx2.post(f"{address}/system/users", json=ALICE)
            mail = next(line for line in server.stdout if "mail to" in line)
        finally:
            server.terminate()

    assert answer.status_code == 201
    assert "mail to alice@company.example: Your account alice" in mail
    assert Path(database.partition("///")[2]).is_file()


def test_a_business_module_can_be_taken_out(tmp_path: Path) -> None:
    """Without HR, `python -m fastsoyadmin.published_events` finds all that is left in order.

    Whoever listens to the events of HR imports no module of it.
    """
    shutil.copytree(ROOT, tmp_path / ROOT.name, ignore=shutil.ignore_patterns("hr", "tests"))
    command = [sys.executable, "-m", "fastsoyadmin.published_events"]

    done = run(command, capture_output=True, text=True, check=True, env=HERE, cwd=tmp_path)

    events = [line for line in done.stdout.splitlines() if line.startswith("## ")]
    assert events == ["## UserLoggedIn", "## UserRegistered"]
