"""A machine on a store in memory, driven by hand: what it begins ends as the test says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from typedbus.core.bus import Bus
from typedbus.core.errors import LeaseLostError
from typedbus.core.events import Event
from typedbus.core.names import event
from typedbus.outbox.acts import Act, Settle, Stopped, Wait, perform
from typedbus.outbox.machine import Machine
from typedbus.outbox.outcomes import Outcome, outcome_of
from typedbus.outbox.pieces import Kind, Piece
from typedbus.outbox.records import Record, Settlement, State, Stored
from typedbus.outbox.settings import RelaySettings
from typedbus.testing import MemoryStore, MemoryWorkplace

USUAL = RelaySettings()
MOST_ACTS = 2000
"""How much a machine may want of the store before time has gone by."""


class ParcelEvent(Event):
    """What the events of these tests have in common."""


@event(name="relay.packed")
class Packed(ParcelEvent):
    """A parcel was packed."""

    number: int
    key: str = "a"


@event(name="relay.sent")
class Sent(ParcelEvent):
    """A parcel was sent."""

    number: int
    key: str = "a"


def by_key(event: Packed | Sent) -> str:
    """Return what orders the events of these tests."""
    return event.key


Say = Callable[[Piece], Outcome | BaseException | None]
"""Says what comes of a piece."""


class Desk:
    """A place of one process: its handlers, its machine, and what came of what it began."""

    def __init__(self, settings: RelaySettings = USUAL, store: MemoryStore | None = None) -> None:
        self.place = MemoryWorkplace(store)
        self.bus = Bus(ParcelEvent)
        self.settings = settings
        self.now = 1000.0
        self.machine = Machine(self.place.handlers, settings, random=lambda: 1.0)
        self.info = self.place.relay()
        self.began: list[tuple[str, int]] = []
        """Handler and number of the event of each piece, in the order of their beginnings."""
        self.settlements: list[Settlement] = []
        self.acts: list[Act] = []

    @property
    def store(self) -> MemoryStore:
        """Where the events wait."""
        return self.place.store

    @property
    def phase(self) -> str:
        """How the relay stands."""
        return self.machine.phase.value

    def publish(self, *events: ParcelEvent) -> None:
        """Publish *events* in one transaction."""
        with self.place.transaction():
            for each in events:
                self.bus.publish(each)
        self.machine.rung(self.now)

    def act(self) -> Act | Wait | Stopped:
        """Do one thing that the machine wants of the store, if it wants one."""
        act = self.machine.next_act(self.now)
        if not isinstance(act, Wait | Stopped):
            self.acts.append(act)
            if isinstance(act, Settle):
                self.settlements.append(act.settlement)
            try:
                answer = perform(act, self.store, self.machine.lease, self.info, self.settings.ttl)
            except LeaseLostError:
                self.machine.lost(self.now)
            else:
                self.machine.answered(act, answer, self.now, self.now)
        return act

    def ask(self) -> None:
        """Do all that the machine wants of the store, until it waits."""
        for _ in range(MOST_ACTS):
            if isinstance(self.act(), Wait | Stopped):
                return
        raise AssertionError(f"it asks again and again, at last for {self.acts[-3:]}")

    def begin(self, kind: Kind = Kind.SYNC) -> Piece | None:
        """Let a piece begin, if one may."""
        piece = self.machine.begin(kind, self.now)
        if piece is not None:
            self.began.append((piece.handler, piece.id))
        return piece

    def begin_all(self) -> list[Piece]:
        """Let begin whatever may."""
        pieces = []
        for kind in Kind:
            while (piece := self.begin(kind)) is not None:
                pieces.append(piece)
        return pieces

    def end(self, piece: Piece, outcome: Outcome | None = None) -> None:
        """Let *piece* end."""
        self.machine.end(piece, outcome, self.now)

    def work(self, outcome: Say | None = None) -> None:
        """Do all that can be done without time going by; *outcome* says what comes of pieces."""
        while True:
            self.ask()
            pieces = self.begin_all()
            for piece in pieces:
                came = None if outcome is None else outcome(piece)
                if isinstance(came, BaseException):
                    came = outcome_of(came, piece.route.durable.options.give_up_on)
                self.end(piece, came)
            if not pieces:
                self.ask()
                if isinstance(self.machine.next_act(self.now), Wait | Stopped):
                    return

    def wait(self, seconds: float) -> None:
        """Let time go by, for the machine and for the store, in which the lease is renewed."""
        self.now += seconds
        self.store.advance(timedelta(seconds=seconds))
        lease = self.machine.lease
        if lease is not None:
            self.store.renew_lease(lease, self.settings.ttl)
            self.machine.renewed(lease, self.now)

    def rows(self) -> dict[tuple[str, int], State]:
        """Return where the deliveries stand."""
        return {(row.handler, row.id): row.state for row in self.store.deliveries()}

    def ids(self, handler: str) -> list[int]:
        """Return the numbers of the events that *handler* was called with, in order."""
        return [number for name, number in self.began if name == handler]


def ignore(event: ParcelEvent) -> None:
    """Handle *event* by doing nothing: the outcome is said by the test."""


def stored(store: MemoryStore, owed_to: str, event_type: str, key: str | None = None) -> Stored:
    """Commit an event as another process would, of whose code nothing is known here."""
    headers = (
        '{"ce-specversion": "1.0", "ce-id": "%s", "ce-type": "%s", "ce-source": "/x", '
        '"ce-time": "2026-01-01T00:00:00+00:00", "ce-dataversion": "1", "ce-correlationid": "c"}'
    )
    event_id = f"01900000-0000-7000-8000-{len(store.events()) + 1:012d}"
    body = '{"number": 1, "key": "a"}'
    record = Record(event_id, event_type, 1, key, owed_to, body, headers % (event_id, event_type))
    return store.write(record)[0]
