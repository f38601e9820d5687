from publisher_changes.events import ShopEvent
from publisher_changes.ships import ship
from publisher_changes.use_cases import Inherits, PlaceOrder, Ship, gains, own, place
from typedbus import Bus

bus = Bus(ShopEvent)
place(bus)
# 2: "place" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]


def main() -> None:
    place(bus)
    # 2: "place" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
    gains(bus)
    # 2: "gains" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
    PlaceOrder(bus)
    # 2: "PlaceOrder" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
    Inherits(bus)
    # 2: "Inherits" takes an "AsyncPublisher[OrderPlaced]", which it awaits, and "Bus[ShopEvent]" has nothing to await; give it an AsyncBus, or let it take a Publisher  [event-async]
    Ship(bus)
    # 2: "Ship" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
    ship(bus)
    # 2: "ship" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
    own(bus)
    # 1 3: [arg-type]
    # 2: "own" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
