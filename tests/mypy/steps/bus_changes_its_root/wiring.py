from bus_changes_its_root.buses import App, AppBus, bus
from bus_changes_its_root.events import OrderPlaced
from bus_changes_its_root.far import FarBus


def ship(event: OrderPlaced) -> None: ...


def main(app: App, own: AppBus, far: FarBus, either: FarBus | App) -> None:
    bus.subscribe(OrderPlaced, ship)
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    bus.publish(OrderPlaced(order=1))
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    bus.on(OrderPlaced)(ship)
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    own.subscribe(OrderPlaced, ship)
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    own.publish(OrderPlaced(order=1))
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    app.bus.subscribe(OrderPlaced, ship)
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    app.bus.publish(OrderPlaced(order=1))
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    far.subscribe(OrderPlaced, ship)
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
    bus_in = either if isinstance(either, FarBus) else either.bus
    bus_in.publish(OrderPlaced(order=1))
    # 2: This bus carries "StockEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "StockEvent", or use the bus that carries it  [event-outside]
