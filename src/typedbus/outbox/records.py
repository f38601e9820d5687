"""What an outbox stores: an event that is owed, and a delivery that left the happy path."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote, unquote

from typedbus.core.messages import Message, kept_headers

Line: TypeAlias = "tuple[str, str]"
"""A handler's name and a key: what stands in one line is handled one after the other."""


class Record(NamedTuple):
    """An event as it is stored, before the store has given it a number."""

    event_id: str
    """The id of its envelope, a UUID."""
    type: str
    """The wire name of its class."""
    version: int
    """The version of that."""
    key: str | None
    """What its handlers order it by: of the first of them that has a key."""
    owed_to: str
    """The handlers that it is owed to, and their keys, as `owed` writes them."""
    body: str
    """The event as JSON."""
    headers: str
    """The headers of its `Message`, all of them, as a JSON object."""


class Stored(NamedTuple):
    """A record and its number, which goes up with the order in which a key's writers took turns."""

    id: int
    event_id: str
    type: str
    version: int
    key: str | None
    owed_to: str
    body: str
    headers: str


class State(Enum):
    """Where a delivery that left the happy path stands."""

    WAITING = "waiting"
    """To be handled when it is due."""
    HELD = "held"
    """Behind an earlier one of its line."""
    RUNNING = "running"
    """Being handled, and marked beforehand: if that kills the process, the mark is left."""
    SENT = "sent"
    """Handed over to another process that removes it when done; sent again when it is due."""
    UNKNOWN = "unknown"
    """Owed to a handler, or of an event class, that the relay's code does not have."""
    DEAD = "dead"
    """Given up, with its error; kept until somebody decides."""


class Put(NamedTuple):
    """A delivery to be written, in place of what was there for this handler and event."""

    handler: str
    id: int
    """The number of the event."""
    line: str | None
    """The key that it is ordered by; None if it stands in no line."""
    state: State
    attempts: int = 0
    """How often the handler was called and failed."""
    crashes: int = 0
    """How often the process died while the handler ran."""
    due: timedelta | datetime = timedelta(0)
    """When it is due: after a while by the database's clock, or at a time."""
    error: str | None = None
    """What the handler raised last, in a line."""
    traceback: str | None = None


class Late(NamedTuple):
    """A delivery that left the happy path, with its event, as the store reads it."""

    stored: Stored
    handler: str
    line: str | None
    state: State
    attempts: int
    crashes: int


class Batch(NamedTuple):
    """What a store found to do, each part in the order of the events' numbers."""

    fresh: Sequence[Stored]
    """Events of which nothing was done yet."""
    late: Sequence[Late]
    """Deliveries that are due, each followed by those held behind it in its line."""


class Settlement(NamedTuple):
    """What a relay has to write down: all of it, or nothing."""

    done: Collection[int] = ()
    """Events that are owed no more as fresh: what is still owed of them is in *puts*."""
    puts: Sequence[Put] = ()
    """Deliveries to write; one that is held, and the first of its line, becomes due at once."""
    removed: Collection[tuple[str, int]] = ()
    """Deliveries that are over: handler and number of the event."""
    parked: Collection[Line] = ()
    """Lines whose held deliveries are given up with their first one."""


class Lease(NamedTuple):
    """The right to work as the relay, until somebody else has it."""

    relay: str
    """The id of the relay that has it."""
    epoch: int
    """Which holder of the lease it is; every later one has a greater number."""
    clean: bool
    """Whether the one before gave it back, with nothing left in its hands."""


class Occupied(NamedTuple):
    """The lines that fresh events may not pass."""

    waiting: frozenset[Line]
    """Their first delivery is to be tried again, or runs elsewhere."""
    dead: frozenset[Line]
    """Their first delivery is dead, and blocks them until somebody decides."""


_KEYED: Final = "="


def owed(handlers: Mapping[str, str | None], key: str | None) -> str:
    """Return *handlers*, name and key of each, as text, *key* being the one that most have."""
    return " ".join(_token(name, own, key) for name, own in handlers.items())


@lru_cache(maxsize=4096)
def _quoted(name: str) -> str:
    return quote(name, safe=".:-_/")


def _token(name: str, own: str | None, key: str | None) -> str:
    quoted = _quoted(name)
    if own is None:
        return quoted
    return quoted + _KEYED + ("" if own == key else quote(own or "\0", safe=""))


def record_of(message: Message, handlers: Mapping[str, str | None]) -> Record:
    """Return the event that *message* holds as it is stored, owed to *handlers* by their keys."""
    headers = message.headers
    key = next((own for own in handlers.values() if own is not None), None)
    return Record(
        headers["ce-id"],
        headers["ce-type"],
        int(headers["ce-dataversion"]),
        key,
        owed(handlers, key),
        message.body,
        kept_headers(headers),
    )


@lru_cache(maxsize=4096)
def names_owed(owed_to: str) -> tuple[tuple[str, str | None, bool], ...]:
    """Return each handler's name, its own key if any, and whether it goes by the record's."""
    found = []
    for token in owed_to.split():
        name, keyed, own = token.partition(_KEYED)
        found.append(
            (
                unquote(name),
                unquote(own).replace("\0", "") if own else None,
                bool(keyed and not own),
            )
        )
    return tuple(found)


def handlers_owed(stored: Stored | Record) -> list[tuple[str, str | None]]:
    """Return the name of each handler that *stored* is owed to, and the key that it goes by."""
    return [
        (name, stored.key if by_the_record else own)
        for name, own, by_the_record in names_owed(stored.owed_to)
    ]
