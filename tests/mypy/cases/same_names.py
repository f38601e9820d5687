"""Two classes of one name: messages tell them apart by their modules."""

import other_shop
import shop
from other_shop import UserCreated as OtherCreated
from other_shop import other_bus
from other_shop import on_created as on_other_created
from shop import UserCreated, bus, created, on_anything, on_created
from typedbus import Publisher


def create(events: Publisher[OtherCreated]) -> None: ...


other_bus.subscribe(OtherCreated, on_other_created)
other_bus.publish(OtherCreated(name="ada"))
create(other_bus)
bus.subscribe(UserCreated, on_other_created)
# Handler "on_other_created" accepts "other_shop.UserCreated", not "shop.UserCreated"; subscribe it to "other_shop.UserCreated", or let it accept "shop.UserCreated"  [event-mismatch]
bus.subscribe(shop.UserCreated, other_shop.on_created)
# Handler "on_created" accepts "other_shop.UserCreated", not "shop.UserCreated"; subscribe it to "other_shop.UserCreated", or let it accept "shop.UserCreated"  [event-mismatch]
other_bus.subscribe(OtherCreated, on_created)
# Handler "on_created" accepts "shop.UserCreated", not "other_shop.UserCreated"; subscribe it to "shop.UserCreated", or let it accept "other_shop.UserCreated"  [event-mismatch]
bus.on(UserCreated)(on_other_created)
# Handler "on_other_created" accepts "other_shop.UserCreated", not "shop.UserCreated"; subscribe it to "other_shop.UserCreated", or let it accept "shop.UserCreated"  [event-mismatch]

# Also where a class would seem to inherit from the root.
bus.subscribe(OtherCreated, on_other_created)
# This bus carries "shop.ShopEvent", and "UserCreated" does not inherit from it; derive "UserCreated" from "shop.ShopEvent", or use the bus that carries it  [event-outside]
bus.publish(OtherCreated(name="ada"))
# This bus carries "shop.ShopEvent", and "UserCreated" does not inherit from it; derive "UserCreated" from "shop.ShopEvent", or use the bus that carries it  [event-outside]
other_bus.publish(created)
# This bus carries "other_shop.ShopEvent", and "UserCreated" does not inherit from it; derive "UserCreated" from "other_shop.ShopEvent", or use the bus that carries it  [event-outside]
other_bus.subscribe(UserCreated, on_anything)
# This bus carries "other_shop.ShopEvent", and "UserCreated" does not inherit from it; derive "UserCreated" from "other_shop.ShopEvent", or use the bus that carries it  [event-outside]
create(bus)
# "create" publishes "UserCreated", and this bus carries "ShopEvent"; give it a bus that carries "UserCreated"  [event-mismatch]
