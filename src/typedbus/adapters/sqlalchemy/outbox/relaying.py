"""Running a relay: inside an application, or in a script until there is nothing to do."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from typedbus.core.retries import Backoff
from typedbus.outbox.relay import Relay

_AGAIN: Final = Backoff(tries=2**31, first=timedelta(seconds=1), longest=timedelta(minutes=1))
logger: Final = logging.getLogger("typedbus")


@asynccontextmanager
async def relaying(name: str, make: Callable[[], Relay]) -> AsyncIterator[None]:
    """Run a relay beside the block; one that fails is logged, and another one is made."""
    beside = _Beside(name, make)
    task = asyncio.create_task(beside.run())
    try:
        yield
    finally:
        beside.stop()
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            beside.stop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise


class _Beside:
    def __init__(self, name: str, make: Callable[[], Relay]) -> None:
        self._name = name
        self._make = make
        self._relay: Relay | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()
        if self._relay is not None:
            self._relay.stop()

    async def run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            try:
                # Making it asks for the engine, which the maker of sessions may not have yet.
                self._relay = self._make()
                left = await self._relay.run()
            except Exception:
                failures += 1
                logger.exception("The relay of %s has failed, and begins again", self._name)
            else:
                if left:
                    logger.warning("The relay of %s has left: %s", self._name, ", ".join(left))
                return
            wait = _AGAIN.wait_after(failures)
            await self._pause(0 if wait is None else wait.total_seconds())

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), seconds)
        except TimeoutError:
            return


async def run_until_told(relay: Relay, *, once: bool = False) -> Sequence[str]:
    """Run *relay* until the process is told to end; return what was left."""
    loop = asyncio.get_running_loop()
    heard = list[signal.Signals]()
    for each in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(each, relay.stop)
        except (NotImplementedError, RuntimeError, ValueError):
            break  # another thread than the main one, or Windows: it ends as Python ends it
        heard.append(each)
    try:
        return await relay.run(once=once)
    finally:
        for each in heard:
            loop.remove_signal_handler(each)
