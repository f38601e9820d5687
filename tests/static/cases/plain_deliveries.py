"""The plain form: `bus.subscribe(X, delivery(handler))`."""

from deliveries import Queue, async_bus_only, blocking, either, sync_only
from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    created_later,
    on_created,
    on_object,
    on_order,
    on_user,
    order_later,
)
from typedbus import AsyncBackground, AsyncBus, Background, Bus, collected, in_thread

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
background = Background()
async_background = AsyncBackground()

# on Bus
bus.subscribe(UserCreated, collected(on_created))
bus.subscribe(UserCreated, collected(on_user))
bus.subscribe(UserCreated, collected(on_object))
bus.subscribe(UserCreated, collected(created_later))
bus.subscribe(UserCreated, background(on_created))
bus.subscribe(UserCreated, sync_only(on_user))
bus.subscribe(UserCreated, Queue()(on_created))
bus.subscribe(UserCreated, either(created_later))
bus.subscribe(UserCreated, collected(on_order))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, collected(order_later))  # error: all mypy[arg-type]
bus.subscribe(UserEvent, collected(on_created))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, background(on_order))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, background(created_later))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, sync_only(created_later))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, in_thread(on_created))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, async_background(on_created))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, async_bus_only(created_later))  # error: all mypy[arg-type]
bus.subscribe(UserCreated, collected)  # error: all mypy[arg-type]

# on AsyncBus
events.subscribe(UserCreated, collected(on_created))
events.subscribe(UserCreated, collected(created_later))
events.subscribe(UserCreated, in_thread(on_created))
events.subscribe(UserCreated, in_thread(on_user))
events.subscribe(UserCreated, blocking(on_created))
events.subscribe(UserCreated, background(on_created))
events.subscribe(UserCreated, async_background(on_created))
events.subscribe(UserCreated, async_background(created_later))
events.subscribe(UserCreated, collected(on_order))  # error: all mypy[arg-type]
events.subscribe(UserCreated, collected(order_later))  # error: all mypy[arg-type]
events.subscribe(UserCreated, in_thread(on_order))  # error: all mypy[arg-type]
events.subscribe(UserCreated, in_thread(created_later))  # error: all mypy[arg-type]
events.subscribe(UserCreated, blocking(created_later))  # error: all mypy[arg-type]
events.subscribe(UserCreated, async_background(order_later))  # error: all mypy[arg-type]
events.subscribe(UserEvent, async_background(created_later))  # error: all mypy[arg-type]
events.subscribe(UserCreated, background(created_later))  # error: all mypy[arg-type]

# deliveries of deliveries
bus.subscribe(UserCreated, collected(background(on_created)))
events.subscribe(UserCreated, collected(in_thread(on_created)))
bus.subscribe(UserCreated, collected(background(on_order)))  # error: all mypy[arg-type]

# lambdas through a delivery
bus.subscribe(UserCreated, collected(lambda event: print(event.email)))
events.subscribe(OrderPlaced, in_thread(lambda event: print(event.order_id)))
# pyrefly checks the body under `via=` (via_on_bus.py), not here
bus.subscribe(UserCreated, collected(lambda e: print(e.nope)))  # error: mypy pyright ty; see above
events.subscribe(UserCreated, in_thread(lambda e: print(e.nope)))  # error: mypy pyright ty; too
