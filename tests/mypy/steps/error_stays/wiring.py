from error_stays.events import OrderPlaced, UserCreated
from typedbus import Bus

bus = Bus()


def ship(event: OrderPlaced) -> None: ...


bus.subscribe(UserCreated, ship)
# 1: Handler "ship" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
