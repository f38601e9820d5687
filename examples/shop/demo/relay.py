"""A relay of one's own: `typedbus relay` in a process, which can be killed in the middle."""

import os
import subprocess
import sys
from pathlib import Path


class Relay:
    """A running relay of the shop in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "relay.log"
        with self.log.open("a") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "typedbus.cli", "relay", "shop.relay:outbox"],
                env={**os.environ, "SHOP_DATABASE": str(folder / "shop.sqlite3")},
                stdout=written,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as `kill -9` does: in the middle of whatever it is doing."""
        self._process.kill()
        self._process.wait(timeout=15)

    def stop(self) -> None:
        """Let it end what it has begun; if it is gone already, nothing happens."""
        self._process.terminate()
        self._process.wait(timeout=45)
