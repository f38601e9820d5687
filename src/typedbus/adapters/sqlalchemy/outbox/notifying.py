"""Telling other processes of commits on PostgreSQL: never in the user's transaction.

A NOTIFY in a transaction makes every commit that has one wait for every other.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Final
from weakref import WeakSet, ref

from sqlalchemy import Engine, event

from typedbus.adapters.sqlalchemy.outbox.side import SideConnection

_EVERY: Final = 0.005
"""How many seconds lie between two signs, at least."""
_IDLE: Final = 30
"""After how many seconds without a commit the connection is given up."""
_AWAY: Final = 1
"""How many seconds to wait when the database did not answer."""
logger: Final = logging.getLogger("typedbus")
_notifiers: Final = WeakSet["Notifier"]()


class Notifier:
    """Tells of commits from a thread of its own, on a connection of its own."""

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine: Final = engine
        self._statement: Final = f"NOTIFY {channel}"
        self._lock: Final = Lock()
        self._sending: _Sending | None = None
        disposed = ref(self)

        def close(engine: Engine) -> None:
            del engine
            notifier = disposed()
            if notifier is not None:
                notifier.close()

        event.listen(engine, "engine_disposed", close)
        _notifiers.add(self)

    def tell(self) -> None:
        """Tell soon that something was committed."""
        sending = self._sending
        if sending is None or not sending.tell():
            with self._lock:
                sending = self._sending
                if sending is None or not sending.tell():
                    self._sending = sending = _Sending(self._engine, self._statement)
                    sending.tell()

    def close(self) -> None:
        """Close the connection; the next commit opens one again."""
        with self._lock:
            sending, self._sending = self._sending, None
        if sending is not None:
            sending.stop()


class _Sending:
    """One thread, until it was idle for long, or the process was forked."""

    def __init__(self, engine: Engine, statement: str) -> None:
        self._engine: Final = engine
        self._statement: Final = statement
        self._pid: Final = os.getpid()
        self._lock: Final = Lock()
        self._wanted: Final = Event()
        self._stopped: Final = Event()
        self._untold = False
        self._over = False
        self._thread: Final = Thread(target=self._run, name="typedbus notifier", daemon=True)
        self._thread.start()

    def tell(self) -> bool:
        """Tell soon; return False if this has ended."""
        if self._pid != os.getpid():
            return False  # its thread, and whoever had its lock, are not in this process
        with self._lock:
            if self._over:
                return False
            self._untold = True
            self._wanted.set()
            return True

    def stop(self) -> None:
        """Tell what is untold, close the connection, and wait for that, but not for long."""
        if self._pid != os.getpid():
            return
        self._stopped.set()
        self._wanted.set()
        self._thread.join(_AWAY)

    def _run(self) -> None:
        if not self._engine.dialect.is_async:
            self._send(lambda operation: operation())
            return
        from sqlalchemy.util import greenlet_spawn

        with asyncio.Runner() as runner:
            self._send(lambda operation: runner.run(greenlet_spawn(operation)))

    def _send(self, run: Callable[[Callable[[], object]], object]) -> None:
        side: list[SideConnection] = []
        try:
            while self._is_wanted():
                try:
                    run(lambda: self._tell(side))
                except Exception as error:  # noqa: BLE001 - whatever it is, relays look by themselves
                    logger.debug("Cannot tell of commits: %r", error)
                    self._close(run, side)
                    self._stopped.wait(_AWAY)
                else:
                    self._stopped.wait(_EVERY)
        finally:
            self._close(run, side)

    def _is_wanted(self) -> bool:
        """Wait until there is something to tell; return False at the end."""
        if not self._over:
            self._wanted.wait(_IDLE)
        with self._lock:
            untold, self._untold = self._untold, False
            self._wanted.clear()
            self._over = self._over or self._stopped.is_set() or not untold
            return untold

    def _tell(self, side: list[SideConnection]) -> None:
        if not side:
            side.append(SideConnection(self._engine))
        side[0].execute(self._statement)

    def _close(
        self, run: Callable[[Callable[[], object]], object], side: list[SideConnection]
    ) -> None:
        while side:
            try:
                run(side.pop().close)
            except Exception as error:  # noqa: BLE001 - it is gone, which was wanted
                logger.debug("Cannot close a connection: %r", error)


@atexit.register
def _tell_at_the_end() -> None:
    """A program that commits and ends is not to be polled for."""
    for notifier in list(_notifiers):
        notifier.close()
