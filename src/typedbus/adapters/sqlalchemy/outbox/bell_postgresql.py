"""The doorbell on PostgreSQL: LISTEN, on a connection of its own, opened anew when it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeAlias

from sqlalchemy import Engine

from typedbus.adapters.sqlalchemy.outbox.doorbell import Bell, Bells
from typedbus.adapters.sqlalchemy.outbox.side import SideConnection
from typedbus.core.retries import Backoff

_AGAIN: Final = Backoff(tries=2**31, first=timedelta(seconds=0.1), longest=timedelta(seconds=30))
Call: TypeAlias = Callable[[Callable[[], Any]], Awaitable[Any]]  # Any: what the function returns
"""Runs a function that uses the engine, without blocking the event loop."""
Hear: TypeAlias = Callable[[Callable[[], None], Callable[[], None]], Awaitable[Callable[[], None]]]
"""Begins to hear, given what to call on a sign and on a loss; returns what ends it."""

logger: Final = logging.getLogger("typedbus")


class ListeningBell(Bell):
    """Rings when anybody has told PostgreSQL that something was committed."""

    def __init__(
        self,
        bells: Bells,
        engine: Engine,
        channel: str,
        call: Call,
    ) -> None:
        super().__init__(bells)
        self._engine: Final = engine
        self._channel: Final = channel
        self._call: Final = call
        self._hears = False
        self._lost: Final = asyncio.Event()
        self._task: Final = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Close the connection."""
        await super().close()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _longest(self) -> float:
        return float("inf") if self._hears else super()._longest()

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen_once()
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, the relay looks by itself
                logger.debug("Cannot listen on %s: %r", self._channel, error)
            failures += 1
            self._hears = False
            self.ring()  # what was told meanwhile was not heard
            wait = _AGAIN.wait_after(failures)
            await asyncio.sleep(0 if wait is None else wait.total_seconds())

    async def _listen_once(self) -> None:
        """Listen until the connection is lost."""
        side: SideConnection = await self._call(partial(SideConnection, self._engine))
        try:
            await self._call(partial(side.execute, f"LISTEN {self._channel}"))
            hear = _hearing(side.driver, self._channel)
            self._lost.clear()
            stop = await hear(self._rung.set, self._lost.set)
            self._hears = True
            self.ring()  # what was committed before is there to be read
            try:
                await self._lost.wait()
            finally:
                stop()
        finally:
            await self._call(side.close)


def _hearing(driver: Any, channel: str) -> Hear:  # Any: of whatever driver
    """Return what begins to hear, given what to call on a sign, and when the connection is lost."""
    if hasattr(driver, "pgconn"):
        return partial(_hear_psycopg, driver)
    if hasattr(driver, "add_termination_listener"):
        return partial(_hear_asyncpg, driver, channel)
    return _hear_nothing


async def _hear_psycopg(
    driver: Any, rings: Callable[[], None], lost: Callable[[], None]
) -> Callable[[], None]:
    loop, socket = asyncio.get_running_loop(), driver.fileno()

    def readable() -> None:
        try:
            driver.pgconn.consume_input()
            while driver.pgconn.notifies() is not None:
                rings()
        except Exception:  # noqa: BLE001 - the driver's own, which is not to be imported here
            stop()
            lost()

    def stop() -> None:
        loop.remove_reader(socket)

    loop.add_reader(socket, readable)
    return stop


async def _hear_asyncpg(
    driver: Any, channel: str, rings: Callable[[], None], lost: Callable[[], None]
) -> Callable[[], None]:
    def told(*what: object) -> None:
        del what
        rings()

    def ended(*what: object) -> None:
        del what
        lost()

    await driver.add_listener(channel[1:-1].replace('""', '"'), told)
    driver.add_termination_listener(ended)

    def stop() -> None:
        driver.remove_termination_listener(ended)

    return stop


async def _hear_nothing(rings: Callable[[], None], lost: Callable[[], None]) -> Callable[[], None]:
    del rings, lost
    raise NotImplementedError("this driver has no way to wait for a notification")
