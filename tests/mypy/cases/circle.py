"""Half of a circle of imports: see `circle_back`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import circle_back
from shop import ShopEvent, bus, on_order
from typedbus import Bus

if TYPE_CHECKING:
    from circle_back import Answered

circle_bus = Bus(ShopEvent)


class Asked(ShopEvent):
    question: str


def on_asked(event: Asked) -> None:
    circle_bus.publish(circle_back.Answered(answer=event.question))
    circle_bus.publish(circle_back.Answered)
    # The class "Answered" is published instead of an instance; call it: Answered(...)  [event-class]


def on_answered(event: Answered) -> None: ...


def start() -> None:
    circle_bus.subscribe(Asked, on_asked)
    circle_bus.subscribe(circle_back.Answered, on_answered)
    circle_bus.subscribe(circle_back.Answered, circle_back.held)
    circle_bus.subscribe(Asked, on_answered)
    # Handler "on_answered" accepts "Answered", not "Asked"; subscribe it to "Answered", or let it accept "Asked"  [event-mismatch]
    circle_bus.subscribe(Asked, circle_back.held)
    # Handler "held" accepts "Answered", not "Asked"; subscribe it to "Answered", or let it accept "Asked"  [event-mismatch]
    bus.subscribe(circle_back.Answered, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "Answered"; subscribe it to "OrderPlaced", or let it accept "Answered"  [event-mismatch]


held = circle_back.keep(on_asked)
