"""What happened in a run: what was committed, what each handler did, what is left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Order(NamedTuple):
    """A business row: that a producer's transaction committed."""

    request_id: str
    key: str
    seq: int
    handlers: tuple[str, ...]
    """The handlers that its producer knew, and so owed the event to."""


class Handled(NamedTuple):
    """One effect of a handler, in the order in which the sink took them in."""

    handler: str
    key: str
    seq: int
    request_id: str
    relay: int
    """The pid of the process."""
    epoch: int
    """Of the lease that it worked under; 0 in a process that works for a relay."""
    attempt: int
    delivery_id: str
    at: float
    """Seconds on the machine's monotonic clock."""


class Left(NamedTuple):
    """A delivery that the outbox still has."""

    handler: str
    key: str
    seq: int
    state: str
    attempts: int
    crashes: int
    error: str | None


class Fault(NamedTuple):
    """Something that was done to the system."""

    at: float
    what: str
    target: str


class History(NamedTuple):
    """All that is known of a run."""

    keys: Mapping[str, int]
    """How far each key has come, from the table of keys: the truth."""
    orders: Sequence[Order]
    handled: Sequence[Handled]
    left: Sequence[Left] = ()
    pending: int = 0
    """How many events nobody has begun."""
    faults: Sequence[Fault] = ()

    def write(self, path: Path) -> None:
        """Write it down as JSON."""
        path.write_text(
            json.dumps(
                {
                    "keys": dict(self.keys),
                    "orders": [each._asdict() for each in self.orders],
                    "handled": [each._asdict() for each in self.handled],
                    "left": [each._asdict() for each in self.left],
                    "pending": self.pending,
                    "faults": [each._asdict() for each in self.faults],
                }
            )
        )


def read_history(path: Path) -> History:
    """Return the history that was written down at *path*."""
    told = json.loads(path.read_text())
    return History(
        keys=told["keys"],
        orders=[Order(**{**each, "handlers": tuple(each["handlers"])}) for each in told["orders"]],
        handled=[Handled(**each) for each in told["handled"]],
        left=[Left(**each) for each in told["left"]],
        pending=told["pending"],
        faults=[Fault(**each) for each in told["faults"]],
    )
