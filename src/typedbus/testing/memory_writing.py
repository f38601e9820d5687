"""Transactions of an outbox in memory: of those who publish, and of handlers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from typedbus.outbox.attempts import Attempt
from typedbus.outbox.records import Record, Stored


class Effect(NamedTuple):
    """What a handler wrote in a unit that was committed."""

    value: object
    attempt: Attempt
    """The call that wrote it."""
    at: datetime
    """When it was committed, by the clock of the store."""


class Keeper(Protocol):
    """Keeps what units write."""

    def commit_unit(self, attempt: Attempt, effects: Sequence[object]) -> bool:
        """Keep *effects*, and that *attempt* is done, see `Unit.commit`."""
        ...


class MemoryUnit:
    """The transaction of a durable handler that keeps what it writes in a store in memory."""

    def __init__(self, attempt: Attempt, keeper: Keeper, *, awaits: bool) -> None:
        self.keeper = keeper
        """The store that keeps what is written."""
        self.awaits = awaits
        """Whether it is ended by the methods that are awaited."""
        self._attempt = attempt
        self._written: list[object] = []

    def write(self, value: object) -> None:
        """Write *value*: it is among the effects of the store once the handler is done."""
        self._written.append(value)

    def commit(self) -> bool:
        """Commit; return False if somebody had handled the event before, see `Unit`."""
        return self.keeper.commit_unit(self._attempt, self._written)

    async def commit_async(self) -> bool:
        """Do as `commit`."""
        return self.commit()

    def roll_back(self) -> None:
        """Keep nothing."""
        self._written.clear()

    async def roll_back_async(self) -> None:
        """Do as `roll_back`."""
        self.roll_back()


class MemoryWriter:
    """A transaction that writes events into a store in memory.

    As a context manager it commits at the end of its block, or rolls back if that raises.
    """

    def __init__(
        self,
        draw: Callable[[Record], Stored],
        committed: Callable[[Sequence[Stored]], None],
    ) -> None:
        self._draw = draw
        self._committed = committed
        self._events: list[Stored] = []

    def add(self, record: Record) -> Stored:
        """Write *record*: it has its number from now on, and is seen when this commits."""
        stored = self._draw(record)
        self._events.append(stored)
        return stored

    def commit(self) -> None:
        """Let what was written be seen."""
        events, self._events = self._events, []
        self._committed(events)

    def roll_back(self) -> None:
        """Keep nothing; the numbers that were drawn are gone."""
        self._events.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error_type is None:
            self.commit()
        else:
            self.roll_back()
