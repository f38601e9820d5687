"""What the suite needs to drive a store: everything that is not part of the port itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from typedbus.outbox.attempts import Attempt, Unit
from typedbus.outbox.records import Record, State
from typedbus.outbox.store import RelayInfo, Store


class Writer(Protocol):
    """A transaction of somebody who publishes."""

    def add(self, record: Record, /) -> int:
        """Write *record*, and return the number that it has drawn."""
        ...

    def commit(self) -> None:
        """Commit."""
        ...

    def roll_back(self) -> None:
        """Roll back."""
        ...


class Kept(NamedTuple):
    """A delivery, as it is stored."""

    handler: str
    id: int
    """The number of the event."""
    line: str | None
    state: State
    attempts: int
    crashes: int
    error: str | None
    traceback: str | None


class Harness(Protocol):
    """Drives one store that is empty at the beginning of a test."""

    @property
    def store(self) -> Store:
        """The store."""
        ...

    def another(self) -> Store:
        """Return a store on the same data, with connections of its own, as of a second process."""
        ...

    @property
    def writers(self) -> int:
        """How many transactions may write events at a time; 1 skips the tests that need two."""
        ...

    def begin(self) -> Writer:
        """Begin a transaction of somebody who publishes."""
        ...

    def pending(self) -> Collection[int]:
        """Return the numbers of the events of which nothing is done yet."""
        ...

    def deliveries(self) -> Sequence[Kept]:
        """Return every delivery, in any order."""
        ...

    def known_handlers(self) -> Collection[str]:
        """Return the names that `Store.know_handlers` has noted."""
        ...

    def pause(self, handler: str) -> None:
        """Do what an operator does who pauses *handler*; "*" stands for all."""
        ...

    def resume(self, handler: str) -> None:
        """Take `pause` back."""
        ...

    def discard(self, handler: str, number: int) -> None:
        """Remove a delivery, as an operator does who gives it up."""
        ...

    def relay(self) -> RelayInfo:
        """Return what one more relay, which lives, says of itself."""
        ...

    def died(self, relay: RelayInfo) -> bool:
        """End the session of *relay* as a `kill -9` does.

        Return False if the store tells the dead by their silence only.
        """
        ...

    def now(self) -> datetime:
        """Return the time by the clock that the store goes by, with its zone."""
        ...

    @property
    def tick(self) -> timedelta:
        """A while that `pass_time` can let pass, long against a call of the store."""
        ...

    def pass_time(self, by: timedelta) -> None:
        """Let time pass for the store: move its clock, or what it has noted, or wait."""
        ...


class UnitHarness(Harness, Protocol):
    """Drives a store, and the transactions of handlers that it has a part in."""

    def unit(self, attempt: Attempt) -> Unit:
        """Return the transaction of *attempt*, just opened; its `awaits` is False."""
        ...

    def write(self, unit: Unit, value: str) -> None:
        """Write *value* in *unit*, as a handler does."""
        ...

    def effects(self) -> Sequence[str]:
        """Return what was written in units that were committed, in any order."""
        ...
