"""A server in a process of its own, which ends with the tests however they end."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.servers.absence import AbsentError

GUARD = Path(__file__).with_name("guard.py")
PATIENCE = 30
"""Seconds that a server has to answer, and to end."""


class Process:
    """The server that *command* starts in *folder*, an empty folder that goes away with it."""

    def __init__(
        self, server: str, command: Sequence[str], *, folder: Path, stop_with: signal.Signals
    ) -> None:
        self._server = server
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - stop() closes it
        # In a session of its own: Ctrl+C at the terminal ends the tests, and they stop the server.
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", GUARD, folder, stop_with.name, *command],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait_until(self, it_answers: Callable[[], bool]) -> None:
        """Return as soon as the server answers; a server that does not is stopped and absent."""
        try:
            self._wait_until(it_answers)
        except BaseException:  # also when the run is interrupted
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and wait until it has ended."""
        if not self._log.closed:
            self._guard.communicate(timeout=PATIENCE)
            self._log.close()

    def _wait_until(self, it_answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not it_answers():
            if self._guard.poll() is not None:
                raise AbsentError(self._server, f"did not start ({self._last_words()})")
            if time.monotonic() > deadline:
                raise AbsentError(self._server, f"no answer in {PATIENCE} s ({self._last_words()})")
            time.sleep(0.01)

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
