"""Pieces: one event for one handler each, in the hands of a relay, and where they wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum
from typing import ClassVar, Final, NamedTuple

from typedbus.core.callables import AnyHandler, is_async
from typedbus.outbox.attempts import Attempt
from typedbus.outbox.handlers import Carrier, Durable
from typedbus.outbox.records import Lease, Put, State, Stored, names_owed


class Kind(Enum):
    """Where a handler runs."""

    ASYNC = "async"
    """On the event loop."""
    SYNC = "sync"
    """In a thread; what is handed over to another process is sent from one, too."""


def kind_of(durable: Durable) -> Kind:
    """Return where the handler of *durable* runs."""
    runs_here = durable.options.to is None and is_async(durable.handler)
    return Kind.ASYNC if runs_here else Kind.SYNC


class Desk:
    """Where the events for one handler wait, under whatever names they are owed to it."""

    __slots__ = (
        "away_times",
        "away_until",
        "kind",
        "late",
        "lease",
        "lines",
        "names",
        "overflows",
        "paused",
        "places",
        "plain",
        "ready",
        "running",
        "stuck",
        "troubled",
    )

    def __init__(self, names: Sequence[str], kind: Kind, lease: Lease, *, plain: bool) -> None:
        self.names: Final = names
        """What the handler was called once, and last what it is called now."""
        self.kind: Final = kind
        self.lease: Final = lease
        """The lease under which it all is in hand."""
        self.plain = plain
        """Whether fresh events may be handled at once, as far as their line is not troubled."""
        self.paused = False
        self.overflows = False
        """Whether events were put off because the handler is slow."""
        self.away_until = 0.0
        """When its carrier is tried again."""
        self.away_times = 0
        self.late = 0
        """How many of its deliveries are in hand."""
        self.places = 0
        """How many of its pieces may run at a time."""
        self.ready: Final = deque[Piece]()
        """What may begin."""
        self.running: Final = set[Piece]()
        """What has begun."""
        self.stuck: Final = set[Piece]()
        """What was given up and runs on, in no place that others could have."""
        self.lines: Final[dict[str, Piece]] = {}
        """The first piece of each line that goes well; it is ready, or runs."""
        self.troubled: Final[dict[str, Trouble]] = {}
        """The lines of which something is, or will be, in the store."""

    @property
    def name(self) -> str:
        """What the handler is called."""
        return self.names[-1]


class Trouble:
    """A line that left the happy path, as long as it has not come back."""

    __slots__ = ("dead", "desk", "key", "out", "pieces", "removing", "stored", "unconfirmed")

    def __init__(self, desk: Desk, key: str) -> None:
        self.desk: Final = desk
        self.key: Final = key
        self.stored: set[str] = set()
        """The names of the handler under which the store has deliveries of the line."""
        self.dead = False
        """Whether a dead one blocks it."""
        self.unconfirmed = 0
        """How many deliveries of it are to be written, and are not yet."""
        self.removing = 0
        """How many deliveries of it are done, and not yet removed."""
        self.out: Piece | None = None
        """The one that may begin, is marked before it begins, or runs."""
        self.pieces: Final = deque[Piece]()
        """Those in hand that wait, in the order of their events."""


class Route:
    """The way of events of one class to one handler, by the name that they are owed to."""

    __slots__ = ("carrier", "cls", "desk", "durable", "handler", "name", "seconds", "timeout")

    def __init__(self, name: str, cls: type, durable: Durable, desk: Desk) -> None:
        self.name: Final = name
        self.cls: Final = cls
        self.durable: Final = durable
        self.handler: Final[AnyHandler] = durable.handler
        self.carrier: Final[Carrier | None] = durable.options.to
        timeout = durable.options.timeout
        self.timeout: Final = timeout
        self.seconds: Final = None if timeout is None else timeout.total_seconds()
        self.desk: Final = desk


class Shared:
    """A fresh event that is owed to several handlers: it is done when each of them is."""

    __slots__ = ("event", "open", "stored", "writings")

    def __init__(self, stored: Stored, count: int) -> None:
        self.stored: Final = stored
        self.open = count
        """How many handlers are not done with it."""
        self.event: object = None
        """The event itself, once the first of them has read it."""
        self.writings: list[Writing] = []
        """What is to be written for the others."""


class Piece:
    """A fresh event for one handler.

    There is one for every event that goes through a relay, so it has no more than it needs: what
    a delivery that left the happy path has beyond that is here the same for all.
    """

    __slots__ = ("last", "line", "next", "route", "shared", "since", "stored")

    late: ClassVar[bool] = False
    """Whether the store has a delivery of its own for it."""
    attempts: int = 0
    crashes: int = 0
    state: State | None = None
    """Where its delivery stands in the store."""

    def __init__(
        self, stored: Stored, route: Route, line: str | None, shared: Shared | None, since: float
    ) -> None:
        self.stored: Final = stored
        self.route: Final = route
        self.line: Final = line
        self.shared: Final = shared
        self.since: Final = since
        """When it came into the hands of the relay."""
        self.next: Piece | None = None
        """The one behind it in its line."""
        # Not itself: each piece would be a cycle, and wait for the garbage collector.
        self.last: Piece | None = None
        """The last one of the line that it is the first of; None for itself."""

    @property
    def handler(self) -> str:
        """The name of the handler that it is owed to."""
        return self.route.name

    @property
    def id(self) -> int:
        """The number of its event."""
        return self.stored.id

    @property
    def alone(self) -> bool:
        """Whether the event is owed to this handler alone."""
        return self.shared is None

    def attempt(self) -> Attempt:
        """Return the attempt that a call of the handler with it is."""
        route = self.route
        return Attempt(
            self.stored,
            route.name,
            line=self.line,
            number=self.attempts + 1,
            late=self.late,
            alone=self.alone,
            lease=route.desk.lease,
            among=route.durable.among,
            timeout=route.timeout,
        )

    def __str__(self) -> str:
        return f"{self.handler} on event {self.id} ({self.stored.type})"


class LatePiece(Piece):
    """A delivery that left the happy path."""

    __slots__ = ("attempts", "crashes", "marked", "state", "suspect")

    late: ClassVar[bool] = True

    def __init__(
        self,
        stored: Stored,
        route: Route,
        line: str | None,
        since: float,
        state: State,
        attempts: int = 0,
        crashes: int = 0,
    ) -> None:
        super().__init__(stored, route, line, None, since)
        self.state: State | None = state
        self.attempts: int = attempts
        self.crashes: int = crashes
        self.suspect = False
        """Whether it may have brought the process down."""
        self.marked = False
        """Whether this relay has marked it in the store before it begins."""

    @property
    def alone(self) -> bool:
        """Whether the event is owed to this handler alone."""
        return len(names_owed(self.stored.owed_to)) == 1


class Writing(NamedTuple):
    """A delivery that is to be written, and what hangs on it."""

    put: Put
    trouble: Trouble | None
    """The line that waits until it is written, if one does."""
    starts: LatePiece | None = None
    """The piece that may start when it is written; it stays in hand."""
