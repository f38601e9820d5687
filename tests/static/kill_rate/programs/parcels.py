"""Parcels on their way: what the examples do not do, on either bus and in every form.

All of it is right. It can be run: `send_one()` sends a parcel through everything below.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from typedbus import (
    AsyncBus,
    AsyncPublisher,
    Bus,
    Event,
    Publisher,
    Stream,
    collect,
    collected,
    in_thread,
)


class ParcelEvent(Event):
    """Something happened to a parcel."""

    number: int


class ParcelSent(ParcelEvent):
    """It is on its way."""

    to: str


class ParcelArrived(ParcelEvent):
    """It is where it should be."""


class ParcelLost(ParcelEvent):
    """It is not."""


@dataclass(frozen=True)
class Scan:
    """A parcel was seen by a machine: an event class that is no `Event`."""

    number: int


class DoorScan(Scan):
    """By the machine at the door."""


seen: list[str] = []
lost: list[ParcelLost] = []
local = Bus(ParcelEvent)
remote = AsyncBus(ParcelEvent)
scans = Bus(Scan)


@local.on(ParcelSent)
def note(event: ParcelSent) -> None:
    """Note where it goes."""
    seen.append(event.to)


@local.on(ParcelArrived, via=collected)
async def note_later(event: ParcelArrived) -> None:
    """Note it when the scope ends."""
    seen.append(f"{event.number} arrived")


@remote.on(ParcelSent)
async def announce(event: ParcelSent) -> None:
    """Tell the receiver."""
    seen.append(f"to {event.to}")


@remote.on(ParcelSent, via=in_thread)
def print_label(event: ParcelSent) -> None:
    """Block for a while."""
    seen.append(f"label of {event.number}")


class Tracking:
    """Hears of everything."""

    def track(self, event: ParcelEvent) -> None:
        """Take note."""
        seen.append(type(event).__name__)

    async def track_remotely(self, event: ParcelArrived) -> None:
        """Take note elsewhere."""
        seen.append(f"{event.number} is there")


def search(event: ParcelLost, /, where: str) -> None:
    """Look for it."""
    seen.append(f"{event.number} in {where}")


def write_down(what: object) -> None:
    """Write down what happened, whatever it is."""
    seen.append(repr(what))


@scans.on(DoorScan)
def open_door(event: Scan) -> None:
    """Let it in."""
    seen.append(f"{event.number} at the door")


tracking = Tracking()
local.subscribe(ParcelEvent, tracking.track)
local.subscribe(ParcelLost, partial(search, where="the depot"))
local.subscribe(ParcelLost, lost.append)
local.subscribe(ParcelLost, write_down)
local.subscribe(ParcelSent, lambda event: seen.append(event.to))
remote.subscribe(ParcelArrived, tracking.track_remotely)
remote.subscribe(ParcelSent, in_thread(note))


class SendParcel:
    """Sends parcels in this process."""

    def __init__(self, events: Publisher[ParcelSent]) -> None:
        self._events = events

    def execute(self, number: int, to: str) -> None:
        """Send one."""
        self._events.publish(ParcelSent(number=number, to=to))


class ReceiveParcel:
    """Receives parcels from elsewhere."""

    def __init__(self, *, events: AsyncPublisher[ParcelArrived]) -> None:
        self._events = events

    async def execute(self, number: int) -> None:
        """Receive one."""
        await self._events.publish(ParcelArrived(number=number))


async def send_one() -> None:
    """Send a parcel by both buses, lose and receive others, and wait a moment for the first."""
    async with collect():
        SendParcel(local).execute(1, "Ada")
        local.publish(ParcelLost(number=2))
        local.publish(ParcelArrived(number=3))
        scans.publish(DoorScan(1))
        waiting = asyncio.create_task(first_arrival())
        async with remote.stream(ParcelEvent) as events:
            await remote.publish(ParcelSent(number=1, to="Ada"))
            await ReceiveParcel(events=remote).execute(1)
            events.close()
            await note_all(events)
    arrived, _ = await asyncio.wait([waiting], timeout=0.1)
    waiting.cancel()
    seen.extend(f"waited for {each.result()}" for each in arrived)


async def first_arrival() -> int:
    """Wait for a parcel and return its number."""
    return (await remote.wait_for(ParcelArrived)).number


async def note_all(events: Stream[ParcelEvent]) -> None:
    """Note every one of *events*."""
    seen.extend([f"parcel {event.number}" async for event in events])
