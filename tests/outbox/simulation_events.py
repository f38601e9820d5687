"""What the simulation publishes: events that carry what is to come of them; and the handlers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from uuid import UUID

from tests.outbox.simulation_facts import Fact
from typedbus import Bus, Event
from typedbus.core.deliveries import Delivery
from typedbus.core.messages import Message
from typedbus.core.retries import Backoff
from typedbus.outbox.handlers import DurableHandlers, OnDead
from typedbus.outbox.records import Record, Stored, owed
from typedbus.testing import MemoryWorkplace


class Deed(Enum):
    """What one call of a handler does."""

    OK = "ok"
    FAIL = "fail"
    RETRY = "retry"
    NOT_YET = "not yet"
    DISCARD = "discard"
    DEAD = "dead"
    HANG = "hang"
    """It does not return before the relay gives it up."""
    KILL = "kill"
    """The process dies."""


@dataclass(frozen=True)
class Handler:
    """A durable handler of the simulation."""

    name: str
    keyed: bool
    on_dead: OnDead
    in_unit: bool
    """Whether its effects are in the transaction of the relay; else they are outside of it."""
    is_new: bool = False
    """Whether only the newer version of the program has it."""
    is_async: bool = False
    remote: bool = False
    """Whether it runs in another process, which the relay hands its events over to."""


HANDLERS = {
    handler.name: handler
    for handler in (
        Handler("dsim.billing", keyed=True, on_dead="block", in_unit=True),
        Handler("dsim.parcel", keyed=True, on_dead="park", in_unit=True, is_async=True),
        Handler("dsim.score", keyed=True, on_dead="skip", in_unit=True),
        Handler("dsim.ship", keyed=True, on_dead="block", in_unit=False, is_async=True),
        Handler("dsim.mail", keyed=False, on_dead="skip", in_unit=False),
        Handler("dsim.new", keyed=True, on_dead="block", in_unit=True, is_new=True),
        Handler("dsim.remote", keyed=True, on_dead="block", in_unit=True, remote=True),
    )
}

TRIES = 3
TIMEOUT = timedelta(seconds=20)
RESEND_AFTER = timedelta(seconds=30)
NOBODYS = "dsim.nobody"
"""The wire name of a class that no version of the program has."""


class Carries:
    """A carrier whose messages the simulation brings; what sends is the simulation itself."""

    def deliver(self, name: str, /) -> Delivery:
        """Return no delivery: nobody subscribes through it."""
        raise NotImplementedError(name)

    def send(self, message: Message, handler: str, /) -> None:
        """Send nothing: the simulation does."""
        raise NotImplementedError(message, handler)


def _now(event: Fact) -> None:
    """Do nothing: what a handler does is up to the simulation."""


async def _later(event: Fact) -> None:
    """Do nothing."""


def handlers(*, new: bool) -> DurableHandlers:
    """Return the handlers of one version of the program."""
    workplace, bus = MemoryWorkplace(), Bus(Event)
    for handler in HANDLERS.values():
        if handler.is_new and not new:
            continue
        delivery = workplace.durable(
            handler.name,
            key=str if handler.keyed else None,
            retry=Backoff(tries=TRIES, first=timedelta(seconds=2)),
            on_dead=handler.on_dead,
            timeout=TIMEOUT,
            to=Carries() if handler.remote else None,
            resend_after=RESEND_AFTER,
        )
        bus.on(Fact, via=delivery)(_later if handler.is_async else _now)
    return workplace.handlers


def record(
    serial: int, to: Sequence[str], key: str, deeds: Mapping[str, Sequence[Deed]], *, known: bool
) -> Record:
    """Return an event that is owed to the handlers *to*, and says what their calls do."""
    own = {name: key if HANDLERS[name].keyed else None for name in to}
    plan = {name: [deed.value for deed in found] for name, found in deeds.items()}
    return Record(
        event_id=str(UUID(int=serial)),
        type="dsim.fact" if known else NOBODYS,
        version=1,
        key=key if any(value is not None for value in own.values()) else None,
        owed_to=owed(own, key),
        body="{}",
        headers=json.dumps(plan),
    )


def deed(stored: Stored, handler: str, call: int) -> Deed:
    """Return what the *call*th call of *handler* does with *stored*; one that kills goes on so."""
    plan = json.loads(stored.headers).get(handler, ())
    if plan and Deed(plan[-1]) is Deed.KILL:
        return Deed(plan[min(call, len(plan)) - 1])
    return Deed(plan[call - 1]) if call <= len(plan) else Deed.OK


OLDER, NEWER = handlers(new=False), handlers(new=True)
"""The handlers of the two versions of the program."""
