"""A shop of one's own: uvicorn in a process, on a free loopback port, in a temporary folder."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the shop answered to a request."""

    status: int
    body: Any
    took_ms: float


class Shop:
    """A running shop."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: object = None, request_id: str = "") -> Answer:
        """Send one request over HTTP; an error status is an answer too."""
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", "x-request-id": request_id},
        )
        began = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                status, answer = response.status, json.load(response)
        except urllib.error.HTTPError as error:
            status, answer = error.code, json.load(error)
        return Answer(status, answer, (time.perf_counter() - began) * 1000)


@contextmanager
def running_shop(folder: Path) -> Iterator[Shop]:
    """Start the shop, wait until it answers, and shut it down gracefully at the end."""
    port = _free_port()
    log = folder / "uvicorn.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "shop", str(port)],
            env={**os.environ, "SHOP_DATABASE": str(folder / "shop.sqlite3")},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_answers(process, port, log)
            yield Shop(port)
        finally:
            process.terminate()
            process.wait(timeout=15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"The shop did not start:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"The shop did not answer within 30 s:\n{log.read_text()}")
