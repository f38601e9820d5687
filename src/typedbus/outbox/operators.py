"""The port of the operators: what people may ask of an outbox, and what they may decide by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from typedbus.outbox.records import State
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

Reference: TypeAlias = "int | UUID"
"""How an operator names an event: by its number, or by its id."""

Progress: TypeAlias = "Callable[[int], None]"
"""Is told, now and then, how many are done so far."""

EVERY_HANDLER: Final = "*"
"""Stands for all handlers where one can be paused."""


class Selection(NamedTuple):
    """Deliveries that an operator means: those that fit all that is given."""

    events: Collection[Reference] = ()
    handler: str | None = None
    key: str | None = None
    type: str | None = None
    """The wire name of the event's class."""
    states: Collection[State] = ()
    """None given leaves it to the act."""


EVERYTHING: Final = Selection()


class History(NamedTuple):
    """Events of the log that an operator means: those that fit all that is given."""

    events: Collection[Reference] = ()
    key: str | None = None
    type: str | None = None
    since: datetime | timedelta | None = None
    """Recorded at this time or later; a duration counts back from now, by the database's clock."""
    until: datetime | timedelta | None = None
    """Recorded before this."""


class Operators(Protocol):
    """What people may do with an outbox by hand, beside the relay.

    Every act keeps the order of keys, and is noted with who did it, when, to what and why. Counts
    and ages go by the database's clock. Raises `StoreAwayError` where the database does not
    answer, and `OutboxTablesError` where its tables are missing.
    """

    def status(self) -> Status:
        """Return how it stands with the outbox."""
        ...

    def lag(self) -> timedelta | None:
        """Return the age of the oldest event that is owed and not dead; None if there is none."""
        ...

    def deliveries(
        self,
        selection: Selection = EVERYTHING,
        *,
        fresh: bool = False,
        after: Place | None = None,
        limit: int = 50,
    ) -> Page:
        """Return up to *limit* deliveries, those of *selection* that come after *after*.

        With *fresh*, those of which nothing was done yet, instead of those off the happy path.
        """
        ...

    def show(self, event: Reference) -> Shown:
        """Return all that is known of *event*; raise `NoSuchDeliveryError` if there is none."""
        ...

    def retry(
        self,
        selection: Selection,
        *,
        who: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Make deliveries due now, their tries counted from the start; return how many.

        Without states, those that are dead or waiting. In a line, the first is due, and the others
        follow it. One that was sent is sent again. Raises `NoSuchDeliveryError` for an event that
        is named and has none of these.
        """
        ...

    def skip(
        self, handler: str, key: str, *, who: str, reason: str | None = None, dry_run: bool = False
    ) -> Entry:
        """Let the first of the line of *key* count as handled by *handler*, and return it.

        The line goes on with the next. Raises `NoSuchDeliveryError` if nothing stands there.
        """
        ...

    def discard(
        self,
        selection: Selection,
        *,
        who: str,
        reason: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> int:
        """Remove deliveries for good, dead ones unless states are given; return how many.

        Raises `NoSuchDeliveryError` for an event that is named and has none of these.
        """
        ...

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
        """Owe logged events to *handler* again, up to *rate* of them a second.

        The handler finds "replayed" among the headers of the envelope. An event that it is still
        owed, or that is dead for it, stays as it is. Raises `UnknownHandlerError` where the events
        were never owed to a handler of that name, and this program has none.
        """
        ...

    def pause(self, handler: str, *, who: str) -> None:
        """Let no relay call *handler*, or any if it is "*", until it is resumed.

        Raises `NoSuchDeliveryError` for a name that nobody knows.
        """
        ...

    def resume(self, handler: str, *, who: str) -> None:
        """Undo `pause`."""
        ...

    def prune(
        self,
        *,
        events: timedelta | None,
        inbox: timedelta | None,
        who: str,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Pruned:
        """Delete from the log, and from the inbox, what is older than these; None keeps all.

        Never an event that is still owed, or dead, for some handler.
        """
        ...

    def operations(self, limit: int = 50) -> Sequence[Operation]:
        """Return the latest acts by hand, the last one first."""
        ...

    def verify(self) -> Sequence[Finding]:
        """Return what breaks a promise of the outbox, or may, the worst first."""
        ...

    def ddl(self) -> Sequence[str]:
        """Return the statements that make its tables."""
        ...
