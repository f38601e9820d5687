"""The heartbeat of a relay: renews its lease, from a thread that no handler can stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Final

from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Lease
from typedbus.outbox.reporting import Reporter
from typedbus.outbox.running import Workplace

_BEATS: Final = 4
"""How many times in its time to live a lease is renewed."""


class Heartbeat:
    """Renews one lease until it is stopped, or the lease is lost, or nothing moves any more."""

    def __init__(
        self,
        place: Workplace,
        lease: Lease,
        ttl: float,
        reporter: Reporter,
        *,
        renew: Callable[[], None],
        renewed: Callable[[Lease, float], None],
        lost: Callable[[Lease], None],
        moves: Callable[[], bool],
    ) -> None:
        self._place = place
        self._lease = lease
        self._every = ttl / _BEATS
        self._reporter = reporter
        self._renew = renew
        self._renewed = renewed
        self._lost = lost
        self._moves = moves
        self._stopped = Event()
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        Thread(target=self._beat, name="typedbus heartbeat", daemon=True).start()

    def stop(self) -> None:
        """Renew the lease no more."""
        self._stopped.set()
        if self._task is not None:
            self._task.cancel()

    def _beat(self) -> None:
        while not self._stopped.is_set():
            if self._moves():
                sent = monotonic()
                try:
                    self._place.call_for_the_lease(self._renew)
                except NotImplementedError:
                    self._call_soon(self._beat_in_the_loop)
                    return
                except Exception as error:  # noqa: BLE001 - whatever it is, the next may come through
                    if self._failed(error):
                        return
                else:
                    self._succeeded(sent)
            self._stopped.wait(self._every)

    def _beat_in_the_loop(self) -> None:
        if not self._stopped.is_set():
            self._task = asyncio.create_task(self._beat_async())

    async def _beat_async(self) -> None:
        while not self._stopped.is_set():
            if self._moves():
                sent = monotonic()
                try:
                    await self._place.call(self._renew)
                except Exception as error:  # noqa: BLE001 - see above
                    if self._failed(error):
                        return
                else:
                    self._succeeded(sent)
            await asyncio.sleep(self._every)

    def _succeeded(self, sent: float) -> None:
        if not self._stopped.is_set():
            self._renewed(self._lease, sent)
            self._reporter.answers("heartbeat")

    def _failed(self, error: Exception) -> bool:
        """Say what went wrong; return whether there is nothing to renew any more."""
        if self._stopped.is_set():
            return True
        if isinstance(error, LeaseLostError):
            self._call_soon(partial(self._lost, self._lease))
            return True
        self._reporter.away("heartbeat", error)
        return False

    def _call_soon(self, function: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            return  # the loop is closed, and the relay with it
