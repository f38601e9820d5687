from delivery_changes.deliveries import later
from delivery_changes.events import OrderPlaced, UserCreated
from delivery_changes.handlers import greet
from typedbus import Bus

bus = Bus()


def thank(event: UserCreated) -> None: ...


def ship(event: OrderPlaced) -> None: ...


def main() -> None:
    bus.subscribe(UserCreated, later(thank))
    # 2: Handler "later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, later(ship))
    # 1 3: Handler "ship" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    # 2: Handler "later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.subscribe(UserCreated, greet)
    # 2: Handler "greet" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
