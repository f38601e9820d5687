"""The program under test, as every process of a run has it.

What it is told stands in the environment. Users would run `typedbus relay tests.chaos.app:outbox`.
"""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from tests.chaos.acts import Acts
from tests.chaos.tables import EFFECTS, Base, Effect, Moved
from tests.chaos.telling import Told
from typedbus import Backoff, Bus
from typedbus.adapters.sqlalchemy import Outbox, transaction
from typedbus.outbox.attempts import current

TOLD: Final = Told.from_environment()
SINK: Final = TOLD.place / EFFECTS

acts: Final = Acts(TOLD.acts, TOLD.place)
engine: Final = create_engine(TOLD.url, pool_size=20, connect_args=TOLD.connect_args())
Sessions: Final = sessionmaker(engine)
outbox: Final = Outbox(Sessions, Base.metadata)
bus: Final = Bus(Moved)


def effect(handler: str, event: Moved) -> dict[str, Any]:
    """Return what a sink notes about this call."""
    attempt = current.get()
    assert attempt is not None
    return {
        "handler": handler,
        "key": event.key,
        "seq": event.seq,
        "request_id": event.request_id,
        "relay": os.getpid(),
        "epoch": attempt.lease.epoch if attempt.lease else 0,
        "attempt": attempt.number,
        "delivery_id": attempt.delivery_id,
        "at": time.monotonic(),
    }


def append(handler: str, event: Moved) -> None:
    """Note this call in the sink outside: one write, so that lines stay whole."""
    line = json.dumps(effect(handler, event)) + "\n"
    descriptor = os.open(SINK, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def table(event: Moved) -> None:
    """Write in the transaction of the call."""
    acts.play("table", "before", event.key, event.seq)
    with transaction(Sessions) as session:
        session.add(Effect(**effect("table", event)))
        session.flush()
        acts.play("table", "inside", event.key, event.seq)
    acts.play("table", "after", event.key, event.seq)


async def file(event: Moved) -> None:
    """Tell somebody outside, on the event loop."""
    acts.play("file", "before", event.key, event.seq)
    append("file", event)
    acts.play("file", "after", event.key, event.seq)


def flaky(event: Moved) -> None:
    """Tell somebody outside, in a thread, and fail at every fifth call."""
    acts.play("flaky", "before", event.key, event.seq)
    attempt = current.get()
    if attempt is not None and hash((event.seq, attempt.number)) % 5 == 0:
        raise ConnectionError("the far side is away")
    append("flaky", event)


def late(event: Moved) -> None:
    """Tell somebody outside; a handler that former versions of the program do not have."""
    append("late", event)


def remote(event: Moved) -> None:
    """Write in the transaction of the call, in a Celery worker."""
    acts.play("remote", "before", event.key, event.seq)
    with transaction(Sessions) as session:
        session.add(Effect(**effect("remote", event)))
        session.flush()
        acts.play("remote", "inside", event.key, event.seq)
    acts.play("remote", "after", event.key, event.seq)


RETRY: Final = Backoff(
    tries=TOLD.tries, first=timedelta(milliseconds=20), longest=timedelta(milliseconds=200)
)


def key(event: Moved) -> str:
    """Return what the events of this workload are ordered by."""
    return event.key


def subscribe() -> None:
    """Let the handlers that this process knows listen."""
    for handler in (table, file, flaky, late, remote):
        name = handler.__name__
        if name in TOLD.handlers:
            to = None
            if name == "remote":
                from tests.chaos.workers import carrier

                to = carrier
            bus.subscribe(
                Moved,
                outbox.durable(
                    f"chaos.{name}",
                    key=key,
                    retry=RETRY,
                    on_dead=TOLD.on_dead,
                    timeout=timedelta(seconds=TOLD.timeout),
                    resend_after=timedelta(seconds=2),
                    to=to,
                )(handler),
            )


subscribe()
