"""The ways in which a bus delivers; each rule of delivery holds for every one of them."""

from collections.abc import Callable
from typing import Any, TypeAlias

import anyio

from tests.core.shop import ShopEvent
from typedbus import AsyncBus, Bus

AnyBus: TypeAlias = Bus[ShopEvent] | AsyncBus[ShopEvent]
MakeBus: TypeAlias = Callable[..., AnyBus]


def publish(bus: AnyBus, *events: ShopEvent) -> None:
    """Publish *events* on *bus*, which may need an event loop for that."""
    if isinstance(bus, Bus):
        for event in events:
            bus.publish(event)
    else:
        anyio.run(_publish, bus, events)


async def _publish(bus: AsyncBus[ShopEvent], events: tuple[ShopEvent, ...]) -> None:
    for event in events:
        await bus.publish(event)


def plain(**options: Any) -> Bus[ShopEvent]:
    """Return a bus that publishes by the loop one would write by hand."""
    return Bus(ShopEvent, **options)


def with_envelopes(**options: Any) -> Bus[ShopEvent]:
    """Return a bus that makes each event the one being handled."""
    return Bus(ShopEvent, envelopes=True, **options)


def awaited(**options: Any) -> AsyncBus[ShopEvent]:
    """Return a bus that awaits one handler after the other."""
    return AsyncBus(ShopEvent, **options)


def awaited_with_envelopes(**options: Any) -> AsyncBus[ShopEvent]:
    """Return a bus that awaits, and makes each event the one being handled."""
    return AsyncBus(ShopEvent, envelopes=True, **options)


def concurrent(**options: Any) -> AsyncBus[ShopEvent]:
    """Return a bus that runs two handlers of an event at a time."""
    return AsyncBus(ShopEvent, concurrency=2, **options)


WAYS: list[MakeBus] = [plain, with_envelopes, awaited, awaited_with_envelopes, concurrent]
