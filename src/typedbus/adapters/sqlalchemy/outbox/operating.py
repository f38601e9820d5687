"""Operators of an outbox on SQLAlchemy: what they may ask, decide, and have looked after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine

from typedbus.adapters.sqlalchemy.outbox import (
    operating_acts,
    operating_prune,
    operating_reads,
    verifying,
)
from typedbus.adapters.sqlalchemy.outbox.ddl import statements
from typedbus.adapters.sqlalchemy.outbox.operating_access import Access, Desk
from typedbus.adapters.sqlalchemy.outbox.operating_replay import Pace, Replay
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.operators import EVERYTHING, History, Progress, Reference, Selection
from typedbus.outbox.reports import (
    Entry,
    Finding,
    Operation,
    Page,
    Place,
    Pruned,
    Replayed,
    Shown,
    Status,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


_AT_ONCE: Final = Pace(None)
_LIMITS: Final = Limits()


class TableOperators:
    """The `Operators` of the outbox called *name*, whose *tables* are reached by *engine*.

    An AsyncEngine is used in an event loop of its own, so not where one runs already.
    """

    def __init__(
        self,
        engine: Engine | AsyncEngine,
        tables: Tables,
        handlers: DurableHandlers,
        name: str,
        *,
        pace: Pace = _AT_ONCE,
        limits: Limits = _LIMITS,
    ) -> None:
        self._access: Final = Access(engine, tables, name)
        self._tables = tables
        self._handlers = handlers
        self._pace = pace
        self._limits = limits

    def status(self) -> Status:
        """Return how it stands with the outbox."""
        known = self._handlers.names()
        return self._access.run("look at", lambda desk: operating_reads.status(desk, known))

    def lag(self) -> timedelta | None:
        """Return the age of the oldest event that is owed and not dead; None if there is none."""
        return self._access.run("look at", operating_reads.lag)

    def deliveries(
        self,
        selection: Selection = EVERYTHING,
        *,
        fresh: bool = False,
        after: Place | None = None,
        limit: int = 50,
    ) -> Page:
        """Return up to *limit* deliveries, those of *selection* that come after *after*."""
        page = operating_reads.fresh if fresh else operating_reads.deliveries
        return self._access.run("look at", lambda desk: page(desk, selection, after, limit))

    def show(self, event: Reference) -> Shown:
        """Return all that is known of *event*."""
        return self._access.run("look at", lambda desk: operating_reads.show(desk, event))

    def retry(
        self,
        selection: Selection,
        *,
        who: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Make deliveries due now, their tries counted from the start; return how many."""

        def operation(desk: Desk) -> int:
            return operating_acts.retry(
                desk, selection, who=who, dry_run=dry_run, progress=progress
            )

        return self._access.run("retry deliveries of", operation)

    def skip(
        self, handler: str, key: str, *, who: str, reason: str | None = None, dry_run: bool = False
    ) -> Entry:
        """Let the first of the line of *key* count as handled by *handler*, and return it."""

        def operation(desk: Desk) -> Entry:
            return operating_acts.skip(desk, handler, key, who=who, reason=reason, dry_run=dry_run)

        return self._access.run("skip a delivery of", operation)

    def discard(
        self,
        selection: Selection,
        *,
        who: str,
        reason: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Remove deliveries for good, dead ones unless states are given; return how many."""

        def operation(desk: Desk) -> int:
            return operating_acts.discard(
                desk,
                selection,
                who=who,
                reason=reason,
                dry_run=dry_run,
                progress=progress,
            )

        return self._access.run("discard deliveries of", operation)

    def replay(
        self,
        handler: str,
        history: History,
        *,
        who: str,
        rate: float | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Replayed:
        """Owe logged events to *handler* again, up to *rate* of them a second."""
        pace = self._pace._replace(rate=rate)

        def operation(desk: Desk) -> Replayed:
            replay = Replay(desk, self._handlers, handler, history)
            return replay.run(who=who, pace=pace, dry_run=dry_run, progress=progress)

        return self._access.run("replay events of", operation)

    def pause(self, handler: str, *, who: str) -> None:
        """Let no relay call *handler*, or any if it is "*", until it is resumed."""
        self._set_paused(handler, who, paused=True)

    def resume(self, handler: str, *, who: str) -> None:
        """Undo `pause`."""
        self._set_paused(handler, who, paused=False)

    def _set_paused(self, handler: str, who: str, *, paused: bool) -> None:
        known = self._handlers.names()
        self._access.run(
            "pause or resume handlers of",
            lambda desk: operating_acts.pause(desk, handler, known, who=who, paused=paused),
        )

    def prune(
        self,
        *,
        events: timedelta | None,
        inbox: timedelta | None,
        who: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Pruned:
        """Delete from the log, and from the inbox, what is older than these; None keeps all."""

        def operation(desk: Desk) -> Pruned:
            return operating_prune.prune(
                desk,
                events=events,
                inbox=inbox,
                who=who,
                dry_run=dry_run,
                progress=progress,
            )

        return self._access.run("prune", operation)

    def operations(self, limit: int = 50) -> Sequence[Operation]:
        """Return the latest acts by hand, the last one first."""
        return self._access.run("look at", lambda desk: operating_reads.operations(desk, limit))

    def verify(self) -> Sequence[Finding]:
        """Return what breaks a promise of the outbox, or may, the worst first."""
        return self._access.run("verify", lambda desk: verifying.verify(desk, self._limits))

    def ddl(self) -> Sequence[str]:
        """Return the statements that make its tables."""
        return statements(self._tables, self._access.engine.dialect)
