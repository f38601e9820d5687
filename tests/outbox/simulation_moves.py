"""What may happen in a simulated world, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tests.outbox.simulation_calls import Fault
from tests.outbox.simulation_events import Deed, record
from tests.outbox.simulation_relay import Relay
from typedbus.outbox.pieces import Kind
from typedbus.outbox.records import Record


class Move(Enum):
    """A small step of a relay."""

    TURN = "asks the store, and hears the answer"
    ASK = "asks"
    PERFORM = "its question reaches the store"
    CUT_BEFORE = "its question does not reach the store"
    CUT_AFTER = "its question reaches the store, the answer is lost"
    HEAR = "hears"
    BEGIN = "calls sync and async handlers"
    END = "its first call ends"
    END_LAST = "its last call ends"
    END_CUT_BEFORE = "its first call cannot commit"
    END_CUT_AFTER = "its first call commits, the answer is lost"
    GIVE_UP = "gives up what takes too long"
    BEAT = "renews the lease"
    BEAT_LATE = "renews the lease, and has not heard yet"
    HEAR_BEAT = "hears that the lease is renewed"


class Mishap(Enum):
    """What happens to a relay."""

    ONE_MORE = "another one is started"
    ONE_MORE_OLD = "another one is started, of an older version"
    KILLED = "it is killed"
    KILLED_UNSEEN = "it is killed, and the database does not notice"
    KILLED_LATE = "it is killed, and what it had sent is done"
    STALLED = "it stops for a while, or goes on"
    CUT_OFF = "the database takes it for dead"
    STOPPED = "it is asked to end"
    CLOCK_BACK = "the clock of the database is set back"
    CLOCK_FORWARD = "the clock of the database is set forward"
    CLOCK_FAR = "the clock of the database is set far forward"


class Act(Enum):
    """What an operator does."""

    PAUSE = "pauses a handler"
    RESUME = "resumes them all"
    RETRY = "retries a dead letter"
    DISCARD = "discards a delivery"


@dataclass(frozen=True)
class Publication:
    """An event that is published."""

    key: str
    to: Sequence[str]
    deeds: Sequence[Sequence[Deed]]
    """What the first calls of each of its handlers do."""
    known: bool

    def record(self, serial: int) -> Record:
        """Return it as it is stored."""
        deeds = dict(zip(self.to, self.deeds, strict=False))
        return record(serial, self.to, self.key, deeds, known=self.known)


def make(relay: Relay, move: Move) -> None:
    """Let *relay* make a small step."""
    match move:
        case Move.TURN:
            relay.ask()
            relay.perform()
            relay.hear()
        case Move.ASK:
            relay.ask()
        case Move.PERFORM:
            relay.perform()
        case Move.CUT_BEFORE:
            relay.ask()
            relay.perform(Fault.BEFORE)
        case Move.CUT_AFTER:
            relay.ask()
            relay.perform(Fault.AFTER)
        case Move.HEAR:
            relay.hear()
        case Move.BEGIN:
            relay.begin(Kind.SYNC)
            relay.begin(Kind.ASYNC)
        case Move.END:
            relay.end(0)
        case Move.END_LAST:
            relay.end(-1)
        case Move.END_CUT_BEFORE:
            relay.end(0, Fault.BEFORE)
        case Move.END_CUT_AFTER:
            relay.end(0, Fault.AFTER)
        case Move.GIVE_UP:
            relay.give_up()
        case Move.BEAT:
            relay.send_beat()
            relay.hear_beat()
        case Move.BEAT_LATE:
            relay.send_beat()
        case Move.HEAR_BEAT:
            relay.hear_beat()
