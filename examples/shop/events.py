"""The root of what happens in the shop, and the bus that carries it."""

from shop.journal import journal
from typedbus import Bus, Event


class ShopEvent(Event):
    """Something that happened in the shop."""


bus = Bus(ShopEvent, wrap=[journal.runs])


@bus.on(ShopEvent)
def note_in_journal(event: ShopEvent) -> None:
    """Note every event: subscribed first, so called first."""
    journal.note_published(event, bus.subscriptions(type(event)))
