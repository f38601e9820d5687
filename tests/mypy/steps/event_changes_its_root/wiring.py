from event_changes_its_root import buses, roots
from event_changes_its_root.events import OrderPlaced


def see(event: object) -> None: ...


async def main() -> None:
    buses.bus.subscribe(OrderPlaced, see)
    # 2: This bus carries "ShopEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "ShopEvent", or use the bus that carries it  [event-outside]
    await buses.async_bus.wait_for(OrderPlaced)
    # 2: This bus carries "ShopEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "ShopEvent", or use the bus that carries it  [event-outside]
    await buses.async_bus.publish(OrderPlaced(order=1))
    # 2: This bus carries "ShopEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "ShopEvent", or use the bus that carries it  [event-outside]
    buses.bus.subscribe(roots.Audited, see)
    # 4: This bus carries "ShopEvent", and "Audited" does not inherit from it; derive "Audited" from "ShopEvent", or use the bus that carries it  [event-outside]
    buses.bus.subscribe(roots.Tenant, see)
    # 4: This bus carries "ShopEvent", and "Tenant" does not inherit from it; derive "Tenant" from "ShopEvent", or use the bus that carries it  [event-outside]
