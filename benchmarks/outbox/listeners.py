"""Relays in processes of their own, which tell when they call their handler."""

from __future__ import annotations

import asyncio
import signal
from multiprocessing.connection import Connection
from queue import Queue
from threading import Thread
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.outbox import processes
from benchmarks.outbox.orders import OrderPlaced
from benchmarks.outbox.shop import Shop

PATIENCE = 60
"""Seconds that an event may take until this is taken for a fault."""


class Call(NamedTuple):
    """A call of a handler in one of the relays."""

    listener: Listener
    number: int
    at: float
    """When, by `perf_counter`, which all processes of a machine share on Linux."""


class Listener:
    """A relay on the database at *url*; what it handles goes to *calls*."""

    def __init__(self, url: str, calls: Queue[Call]) -> None:
        self._calls = calls
        self._process, self._told = processes.start(_listen, url)
        self._thread = Thread(target=self._read)
        self._thread.start()

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """Let it drain and end."""
        self._process.terminate()
        self._end()

    def _end(self) -> None:
        self._process.join(PATIENCE)
        self._thread.join()

    def _read(self) -> None:
        while True:
            try:
                number, at = self._told.recv()
            except (EOFError, OSError):  # it ended, perhaps in the middle of telling
                return
            self._calls.put(Call(self, number, at))


def _listen(sender: Connection[Any, Any], url: str) -> None:
    asyncio.run(_run(sender, url))


async def _run(sender: Connection[Any, Any], url: str) -> None:
    """Run a relay until SIGTERM."""

    async def tell(event: OrderPlaced) -> None:
        now = perf_counter()
        sender.send((event.number, now))

    shop = Shop(url)
    shop.handle(tell)
    relay = shop.outbox.relay()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, relay.stop)
    await relay.run()
    shop.close()
