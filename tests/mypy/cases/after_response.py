"""`after_response` of the FastAPI adapter, on both buses."""

from shop import OrderPlaced, UserCreated, UserEvent, bus, events, on_order, on_user, order_later
from typedbus.adapters.fastapi import after_response

bus.subscribe(UserCreated, after_response(on_user))
bus.subscribe(OrderPlaced, after_response(order_later))
events.subscribe(OrderPlaced, after_response(order_later))
bus.subscribe(UserCreated, after_response(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, after_response(order_later))
# Handler "order_later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


@bus.on(UserCreated, via=after_response)
def a1(event: UserEvent) -> None: ...
@bus.on(UserCreated, via=after_response)
async def a2(event: UserEvent) -> None: ...
@events.on(UserCreated, via=after_response)
async def a3(event: UserCreated) -> None: ...
@bus.on(UserCreated, via=after_response)
# Handler "b1" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
async def b1(event: OrderPlaced) -> None: ...
@events.on(UserEvent, via=after_response)
# Handler "b2" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
def b2(event: UserCreated) -> None: ...
