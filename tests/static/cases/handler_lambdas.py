"""Lambdas: the parameter is the event subscribed to, and the body is checked against it."""

from shop import OrderPlaced, ShopEvent, UserCreated
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
got: list[ShopEvent] = []
mails: list[str] = []


async def send(address: str) -> None: ...


bus.subscribe(UserCreated, lambda event: got.append(event))
bus.subscribe(UserCreated, lambda event: mails.append(event.email))
bus.subscribe(UserCreated, lambda event: None)
bus.subscribe(UserCreated, lambda _: None)
events.subscribe(UserCreated, lambda event: mails.append(event.email))
events.subscribe(UserCreated, lambda event: send(event.email))

# the body
bus.subscribe(UserCreated, lambda event: print(event.nope))  # error: all mypy[attr-defined]
bus.subscribe(OrderPlaced, lambda event: mails.append(event.email))  # error: all
bus.subscribe(OrderPlaced, lambda event: mails.append(event.order_id))  # error: all
events.subscribe(UserCreated, lambda event: print(event.nope))  # error: all mypy[attr-defined]
events.subscribe(UserCreated, lambda event: send(event.nope))  # error: all mypy[attr-defined]
events.subscribe(UserCreated, lambda event: send(event.user_id))  # error: all mypy[arg-type]

# the result
bus.subscribe(UserCreated, lambda event: event.email)  # error: all
bus.subscribe(UserCreated, lambda event: send(event.email))  # error: all
events.subscribe(UserCreated, lambda event: event.email)  # error: all

# the parameters
bus.subscribe(UserCreated, lambda: None)  # error: all
bus.subscribe(UserCreated, lambda event, more: None)  # error: all
bus.subscribe(UserCreated, lambda event, more, each=1: None)  # error: all
events.subscribe(UserCreated, lambda: None)  # error: all

# Right, as one writes it in a loop, and mypy alone refuses it: python/mypy#12557.
for box in (got,):
    bus.subscribe(UserCreated, lambda e, box=box: box.append(e))  # error: mypy[misc]; it is right
