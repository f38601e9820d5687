"""Statistics listen to everything: a handler of the root class gets every event."""

from shop import database
from shop.events import ShopEvent, bus
from typedbus.adapters.fastapi import after_response


@bus.on(ShopEvent, via=after_response)
def count(event: ShopEvent) -> None:
    """Count the event."""
    with database.unit_of_work() as connection:
        connection.execute(
            "INSERT INTO statistic VALUES (?, 1) "
            "ON CONFLICT (event) DO UPDATE SET times = times + 1",
            (type(event).__name__,),
        )
