import re_exported
from re_exported.inner.events import OrderPlaced, UserCreated


def greet(event: UserCreated) -> None: ...


def ship(event: OrderPlaced) -> None: ...


def main() -> None:
    re_exported.bus.subscribe(re_exported.Created, greet)
    # 2: Handler "greet" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
    re_exported.bus.subscribe(re_exported.Created, ship)
    # 1 3: Handler "ship" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
