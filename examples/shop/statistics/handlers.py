"""Statistics listen to everything: a handler of the root class gets every event."""

from shop.database import Sessions, Statistic
from shop.events import ShopEvent, bus
from typedbus.adapters.fastapi import after_response


@bus.on(ShopEvent, via=after_response)
def count(event: ShopEvent) -> None:
    """Count the event."""
    with Sessions.begin() as session:
        name = type(event).__name__
        row = session.get(Statistic, name) or Statistic(event=name, times=0)
        row.times += 1
        session.add(row)
