"""Doorbells: how a relay hears that something was committed, in this process or another."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import random
from threading import Lock
from typing import Final
from weakref import WeakSet

_SOON: Final = 0.005
"""How long, in seconds, a bell that nobody rings waits first, when something was found before."""
_SLOWER: Final = 1.5
"""How much longer it waits each time that nothing was found."""


class Bell:
    """Rings when somebody in this process has committed; else after a while, longer each time.

    That is all where a database tells nobody of commits (`Doorbell`).
    """

    def __init__(self, bells: Bells) -> None:
        self._loop: Final = asyncio.get_running_loop()
        self._rung: Final = asyncio.Event()
        self._bells: Final = bells
        self._pause = _SOON
        bells.add(self)

    async def wait(self, most: timedelta) -> None:
        """Return when it rang since the last call, or after a while, *most* at most."""
        seconds = min(self._longest(), most.total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

    def ring(self) -> None:
        """Wake who waits, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._rung.set)
        except RuntimeError:
            self._bells.remove(self)  # its loop is closed

    def found(self) -> None:
        """Hear that there was something to do: there may soon be more."""
        self._pause = _SOON

    async def close(self) -> None:
        """Let go of what it holds."""
        self._bells.remove(self)

    def _longest(self) -> float:
        """Return how many seconds to wait at most."""
        self._pause *= _SLOWER
        # Relays that stand by are not to look all at once.
        return self._pause * (0.75 + random() / 2)


class ToldBell(Bell):
    """Rings whenever somebody commits, for somebody tells it; it need not look by itself."""

    def _longest(self) -> float:
        return float("inf")


class Bells:
    """The bells of one outbox in this process."""

    def __init__(self) -> None:
        self._bells = WeakSet[Bell]()
        self._lock = Lock()

    def add(self, bell: Bell) -> None:
        """Ring *bell* too from now on."""
        with self._lock:
            self._bells.add(bell)

    def remove(self, bell: Bell) -> None:
        """Ring *bell* no more."""
        with self._lock:
            self._bells.discard(bell)

    def ring(self) -> None:
        """Ring all of them; from any thread."""
        if self._bells:
            with self._lock:
                bells = list(self._bells)
            for bell in bells:
                bell.ring()

    def found(self) -> None:
        """Tell all of them that there was something to do."""
        with self._lock:
            bells = list(self._bells)
        for bell in bells:
            bell.found()
