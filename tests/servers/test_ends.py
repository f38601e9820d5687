"""The end of the servers: with the run, however it ends."""

import signal
import socket
from pathlib import Path
from typing import IO

import pytest

from tests.servers.postgres import Postgres
from tests.servers.runs import start_run
from tests.servers.valkey import Valkey

PATIENCE = 30
"""Seconds until a test that hangs fails; none waits for it to pass."""

WAITING = """
import signal

def test_waits(postgres, valkey, private_valkey):
    # A run that a shell has put into the background ignores it, and so would this one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("\\nSERVERS", postgres.host, valkey.port, private_valkey.port, flush=True)
    input()
"""


@pytest.mark.parametrize(
    "end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["SIGINT", "SIGTERM", "SIGKILL"]
)
def test_servers_end_with_the_run_however_it_ends(
    tmp_path: Path, postgres: Postgres, valkey: Valkey, end: signal.Signals
) -> None:
    """A run that is interrupted, or killed, leaves no process behind."""
    (tmp_path / "test_waiting.py").write_text(WAITING, encoding="utf-8")
    with start_run(tmp_path) as pytest_run:
        _, folder, *ports = _line_of_servers(pytest_run.stdout).split()
        clients = [socket.create_connection(("127.0.0.1", int(port)), PATIENCE) for port in ports]
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].settimeout(PATIENCE)
        clients[-1].connect(f"{folder}/.s.PGSQL.5432")

        pytest_run.send_signal(end)

        for client in clients:
            with client:
                assert client.recv(1) == b""


def _line_of_servers(output: IO[str] | None) -> str:
    assert output is not None
    return next(line for line in output if line.startswith("SERVERS"))
