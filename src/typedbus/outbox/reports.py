"""What operators are answered: how it stands with an outbox, and what became of an act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from typedbus.outbox.records import State, Stored


class HandlerStatus(NamedTuple):
    """How it stands with one handler."""

    name: str
    known: bool
    """Whether the code of this program, or of a relay, has a handler of that name."""
    paused: bool
    waiting: int
    held: int
    running: int
    sent: int
    unknown: int
    dead: int


class KnownRelay(NamedTuple):
    """How it stands with one relay that has not been away for long."""

    id: str
    host: str
    pid: int
    works: bool
    """Whether it has the lease; the others stand by."""
    alive: bool
    """Whether it said so in time."""


class UnknownStatus(NamedTuple):
    """What is owed and cannot be handled by the code of the relay that met it."""

    handler: str
    type: str
    number: int


class Status(NamedTuple):
    """How it stands with an outbox."""

    pending: int
    """Events of which nothing was done yet."""
    lag: timedelta | None
    """The age of the oldest event that is owed and not dead; None if there is none."""
    published_a_minute: float
    """How many events were recorded in the last minute, about."""
    paused: bool
    """Whether all handlers are paused."""
    handlers: Sequence[HandlerStatus]
    relays: Sequence[KnownRelay]
    unknown: Sequence[UnknownStatus]


class Entry(NamedTuple):
    """One delivery, as it stands."""

    id: int
    """The number of the event."""
    event_id: str
    type: str
    handler: str
    key: str | None
    """The line that it stands in; None if it stands in none."""
    state: State | None
    """None for a fresh one: nothing was done about it yet."""
    attempts: int
    crashes: int
    recorded_at: datetime
    age: timedelta
    """How long ago the event was recorded, by the database's clock."""
    due_in: timedelta | None
    """When it is tried, or sent, again; negative if that time has come."""
    error: str | None
    traceback: str | None
    replayed: bool
    """Whether it is owed again because an operator said so."""


class Place(NamedTuple):
    """Where a page ends."""

    id: int
    handler: str


class Page(NamedTuple):
    """Some of the deliveries that were asked for, in the order of their events' numbers."""

    entries: Sequence[Entry]
    next: Place | None
    """Where to go on; None if these were the last."""


class Shown(NamedTuple):
    """All that an outbox knows of one event."""

    stored: Stored
    recorded_at: datetime
    age: timedelta
    entries: Sequence[Entry]
    """What is still owed of it, or dead."""
    done: Sequence[str]
    """The handlers that it was owed to and is not any more: they handled it, or it was removed."""


class Replayed(NamedTuple):
    """What became of a replay."""

    owed: int
    """How many events are, or would be, owed to the handler again."""
    still_owed: int
    """How many were left as they are, because they are owed to it, or dead, anyway."""
    not_for_it: int
    """How many were left out because the handler does not take events of their class."""


class Pruned(NamedTuple):
    """What became of a pruning."""

    events: int
    inbox: int


class Operation(NamedTuple):
    """An act by hand, as it was noted."""

    at: datetime
    who: str
    act: str
    what: str
    """What it was done to, as JSON."""
    number: int
    """How many deliveries or events it touched."""
    reason: str | None


class Severity(Enum):
    """How much a finding matters."""

    BROKEN = "broken"
    """A promise does not hold."""
    WARNING = "warning"
    """It holds, and something may go wrong, or slow, later."""


class Finding(NamedTuple):
    """Something about a database, or its rows, that should not be so."""

    severity: Severity
    problem: str
    remedy: str
