"""The doorbell on SQLite: it looks whether the file was written, which costs next to nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import timedelta
from time import monotonic
from typing import Final

from sqlalchemy import Engine

from typedbus.adapters.sqlalchemy.outbox.doorbell import Bell, Bells, ToldBell

_EVERY: Final = 0.004
"""How many seconds pass between two looks."""


class FileBell(Bell):
    """Rings when anybody has written to the file."""

    def __init__(self, bells: Bells, looking: sqlite3.Connection) -> None:
        super().__init__(bells)
        self._looking: Final = looking
        self._seen = self._version()

    async def wait(self, most: timedelta) -> None:
        """Return when the file was written since the last call, or after *most*."""
        until = monotonic() + most.total_seconds()
        while (left := until - monotonic()) > 0:
            seen = self._version()
            if seen is not None and seen != self._seen:
                self._seen = seen
                await asyncio.sleep(0)  # whoever asks again at once lets others have their turn
                return
            try:
                # Not `wait_for`, which makes a task for each look on Python 3.11.
                async with asyncio.timeout(min(_EVERY, left)):
                    await self._rung.wait()
            except TimeoutError:
                continue
            self._rung.clear()
            return

    async def close(self) -> None:
        """Close the file."""
        await super().close()
        self._looking.close()

    def _version(self) -> int | None:
        try:
            found: int = self._looking.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return None  # somebody is writing right now
        return found


def bell_of_file(engine: Engine, bells: Bells) -> Bell:
    """Return a bell for the database of *engine*; one in memory is this process's alone."""
    database = engine.url.database
    if not database or ":memory:" in database or "mode=memory" in database:
        return ToldBell(bells)
    try:
        looking = sqlite3.connect(
            database, timeout=0, isolation_level=None, uri=database.startswith("file:")
        )
    except sqlite3.Error:
        return Bell(bells)
    return FileBell(bells, looking)
