"""One call of a durable handler: what it may ask about, and the transaction that it may ask for."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import timedelta
from typing import Final, Protocol
from uuid import UUID, uuid5

from typedbus.core.flows import Flow, flow_here
from typedbus.outbox.records import Lease, Stored

_IDS: Final = UUID("0192f0c4-7d6c-7b5e-9d0e-2f6b8f3c1a56")
"""The namespace of delivery ids: any UUID, the same for ever."""


class Unit(Protocol):
    """The transaction in which a handler works, once it has asked for it.

    The relay ends it when the handler is done. Committing also writes down, in that transaction,
    that the handler is done with the event: both happen, or neither.
    """

    @property
    def awaits(self) -> bool:
        """Whether it is ended by the methods that are awaited."""
        ...

    def commit(self) -> bool:
        """Commit; return False if somebody had handled the event before: then nothing is kept.

        Raises `LeaseLostError` if the relay is not the one that works any more, and what the
        database raises: nothing is kept then.
        """
        ...

    async def commit_async(self) -> bool:
        """Do as `commit`."""
        ...

    def roll_back(self) -> None:
        """Keep nothing."""
        ...

    async def roll_back_async(self) -> None:
        """Do as `roll_back`."""
        ...


class Attempt:
    """One call of a durable handler."""

    __slots__ = (
        "alone",
        "among",
        "flow",
        "handler",
        "late",
        "lease",
        "line",
        "number",
        "stored",
        "timeout",
        "unit",
    )

    def __init__(
        self,
        stored: Stored,
        handler: str,
        *,
        line: str | None,
        number: int,
        late: bool,
        alone: bool,
        lease: Lease | None,
        among: object = None,
        timeout: timedelta | None = None,
    ) -> None:
        self.stored: Final = stored
        """The event as it is stored."""
        self.handler: Final = handler
        """The name of the handler."""
        self.line: Final = line
        """The key that the event is ordered by, or None."""
        self.number: Final = number
        """Which call it is, from 1."""
        self.late: Final = late
        """Whether the store has a delivery of its own for it."""
        self.alone: Final = alone
        """Whether the event is owed to this handler alone."""
        self.lease: Final = lease
        """The lease of the relay that calls; None in another process that handles for it."""
        self.among: Final = among
        """The `DurableHandlers` that the handler is one of."""
        self.timeout: Final = timeout
        """How long the call may take; None for as long as it likes."""
        self.flow: Flow | None = None
        """The thread and the task that the handler runs in."""
        self.unit: Unit | None = None
        """The transaction of the handler, from the moment that it asks for one."""

    def runs_here(self) -> None:
        """Note that the handler runs, or goes on, in this thread and task.

        A thread or task of the handler's own inherits the attempt, and not its transaction.
        """
        self.flow = flow_here()

    @property
    def delivery_id(self) -> str:
        """The id of this event for this handler, a UUID: the same at each try.

        Pass it on to whoever is told, so that they know what they have been told before.
        """
        return str(uuid5(_IDS, f"{self.stored.event_id}/{self.handler}"))


current: Final[ContextVar[Attempt | None]] = ContextVar("typedbus.attempt", default=None)
