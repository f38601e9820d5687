from root_changes_its_base.buses import bus, made
from root_changes_its_base.events import Wide, see

bus.subscribe(Wide, see)
# 2: This bus carries "OrderEvent", and "ShopEvent" does not inherit from it; derive "ShopEvent" from "OrderEvent", or use the bus that carries it  [event-outside]


def main() -> None:
    bus.subscribe(Wide, see)
    # 2: This bus carries "OrderEvent", and "ShopEvent" does not inherit from it; derive "ShopEvent" from "OrderEvent", or use the bus that carries it  [event-outside]
    made().subscribe(Wide, see)
    # 2: This bus carries "OrderEvent", and "ShopEvent" does not inherit from it; derive "ShopEvent" from "OrderEvent", or use the bus that carries it  [event-outside]
