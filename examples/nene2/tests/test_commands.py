"""The two commands of the README, run as a reader runs them."""

import os
import re
import sys
from subprocess import PIPE, STDOUT, Popen, run

import httpx2

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
HERE = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_the_server_serves_on_a_free_port() -> None:
    """`python -m nene2` prints its address, answers there and writes the mail to its log."""
    command = [sys.executable, "-u", "-m", "nene2"]

    with Popen(command, stdout=PIPE, stderr=STDOUT, text=True, env=HERE) as server:
        assert server.stdout is not None
        try:
            address = next(filter(None, map(ADDRESS.search, server.stdout)))[0]
            answer = httpx2.post(f"{address}/users", json={"name": "A", "email": "a@example.com"})
            mail = next(line for line in server.stdout if "mail to" in line)
        finally:
            server.terminate()

    assert answer.status_code == 201
    assert "mail to a@example.com: Welcome!" in mail


def test_the_script_imports_from_standard_input() -> None:
    """`python -m nene2.import_users` creates the users, then sends the mail."""
    command = [sys.executable, "-m", "nene2.import_users"]

    done = run(
        command, input="A,a@example.com\n", capture_output=True, text=True, check=True, env=HERE
    )

    assert done.stdout == "imported: 1\n"
    assert "mail to a@example.com: Welcome!" in done.stderr
