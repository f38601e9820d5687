"""`typedbus relay` as a process: how it is stopped, what it answers, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Program

PATIENCE = 60


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    """Whatever was started ends with the test."""
    with ExitStack() as stack:
        yield stack


def start(program: Program, processes: ExitStack, *words: str) -> subprocess.Popen[str]:
    """Start a relay of *program*."""
    process = subprocess.Popen(
        [sys.executable, "-m", "typedbus.cli", "relay", program.outbox, *words],
        cwd=program.folder,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    processes.callback(process.communicate)
    processes.callback(process.kill)
    return process


def wait_until(it_is_so: Callable[[], object]) -> None:
    """Return as soon as *it_is_so*."""
    deadline = time.monotonic() + PATIENCE
    while not it_is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_relay_at_rest(
    program: Program, processes: ExitStack, how: signal.Signals
) -> None:
    """With 0, for nothing was left; the lease is given back."""
    program.publish("a-1")
    relay = start(program, processes)
    wait_until(program.billed)

    relay.send_signal(how)
    out, err = relay.communicate(timeout=PATIENCE)

    assert (relay.returncode, out) == (0, "")
    assert f"typedbus: {how.name}: the relay ends when what runs has ended" in err
    assert "INFO typedbus: The relay of shop works" in err
    assert program.ask("status", "--json").json["relays"] == []


def test_what_runs_may_end(program: Program, processes: ExitStack) -> None:
    """A signal waits for it; then the relay ends with 0, and the event is done."""
    program.publish("slow")
    relay = start(program, processes, "--json")
    wait_until(program.billed)

    relay.send_signal(signal.SIGTERM)
    (program.folder / "go").touch()
    out, _ = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 0
    assert json.loads(out) == {"handled": 1, "failed": 0, "left": []}
    assert program.ask("lag").out == "nothing is owed\n"


def test_what_does_not_end_in_time_is_told(program: Program, processes: ExitStack) -> None:
    """Past --drain the relay ends with 1; what was left is owed still."""
    program.publish("slow")
    relay = start(program, processes, "--drain", "100ms", "--ttl", "1s")
    wait_until(program.billed)

    relay.send_signal(signal.SIGTERM)
    _, err = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 1
    assert "was still running, and will be called again" in err
    assert program.ask("lag").out != "nothing is owed\n"


def test_a_second_signal_waits_for_nothing(program: Program, processes: ExitStack) -> None:
    """However long --drain is."""
    program.publish("slow")
    relay = start(program, processes, "--drain", "1h")
    wait_until(program.billed)

    relay.send_signal(signal.SIGTERM)
    assert relay.stderr is not None
    while "ends when what runs has ended" not in relay.stderr.readline():
        pass
    relay.send_signal(signal.SIGTERM)
    _, err = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 1
    assert "waits for nothing more" in err


def test_a_relay_that_stalls_ends_with_70(
    folder: Path, capsys: pytest.CaptureFixture[str], processes: ExitStack
) -> None:
    """A handler blocks the event loop: whoever watches over the process starts it again."""
    program = Program(folder, capsys, blocks=True)
    program.make_tables()
    program.publish("a-1")
    relay = start(program, processes, "--stall", "500ms")

    _, err = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 70
    assert "has not moved for" in err
    assert f'{program.name}.py", line' in err


def test_probes_are_answered(program: Program, processes: ExitStack) -> None:
    """With 200 while it works, and what it does as JSON."""
    port = _free_port()
    start(program, processes, "--health", f"127.0.0.1:{port}")
    url = f"http://127.0.0.1:{port}/healthz"

    def answer() -> bytes | None:
        try:
            with urllib.request.urlopen(url) as response:
                return bytes(response.read())
        except OSError:
            return None

    wait_until(answer)

    found = answer()
    assert found is not None
    assert json.loads(found)["healthy"] is True


def test_an_address_that_is_taken_is_told(program: Program, processes: ExitStack) -> None:
    """The relay does not run unseen."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        relay = start(program, processes, "--health", f"127.0.0.1:{taken.getsockname()[1]}")
        _, err = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 2
    assert "cannot answer at 127.0.0.1:" in err
    assert "Traceback" not in err


def test_missing_tables_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], processes: ExitStack
) -> None:
    """Waiting would not bring them."""
    relay = start(Program(folder, capsys), processes)

    _, err = relay.communicate(timeout=PATIENCE)

    assert relay.returncode == 2
    assert "typedbus outbox ddl" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [["--ttl", "0s"], ["--threads", "0"], ["--health", "here"]])
def test_what_cannot_be_meant_is_refused(program: Program, words: list[str]) -> None:
    """Before anything starts."""
    with pytest.raises(SystemExit) as ended:
        program.relay(*words)

    assert ended.value.code == 2


def test_a_relay_leaves_signals_as_they_were(program: Program) -> None:
    """For a program that calls it."""
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    program.relay()

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
