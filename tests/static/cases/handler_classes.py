"""Which event class a handler accepts: its own, a base of it, a union that contains it."""

from typing import TypeVar, assert_type

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
    user_later,
)
from typedbus import AsyncBus, Bus, Event, Subscription

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
T = TypeVar("T", bound=ShopEvent)


def on_shop(event: ShopEvent) -> None: ...
def on_event(event: Event) -> None: ...
def on_either(event: UserCreated | OrderPlaced) -> None: ...
def on_text_or_number(event: str | int) -> None: ...
def on_maybe(event: UserCreated | None) -> None: ...
def on_every(event: T, more: tuple[T, ...] = ()) -> None: ...


async def either_later(event: UserCreated | OrderPlaced) -> None: ...
async def number_later(event: str | int) -> None: ...


# its own class, a base class, object, a union that contains the class
assert_type(bus.subscribe(UserCreated, on_created), Subscription)
bus.subscribe(UserCreated, on_user)
bus.subscribe(UserCreated, on_shop)
bus.subscribe(UserCreated, on_event)
bus.subscribe(UserCreated, on_object)
bus.subscribe(UserCreated, on_either)
bus.subscribe(OrderPlaced, on_either)
bus.subscribe(UserCreated, on_maybe)
bus.subscribe(UserCreated, on_every)
bus.subscribe(ShopEvent, on_every)
bus.subscribe(object, on_object)
assert_type(events.subscribe(UserCreated, on_created), Subscription)
events.subscribe(UserCreated, on_user)
events.subscribe(UserCreated, on_object)
events.subscribe(UserCreated, on_either)
events.subscribe(UserCreated, created_later)
events.subscribe(UserCreated, user_later)
events.subscribe(OrderPlaced, either_later)

# another class, a union without the class
bus.subscribe(UserCreated, on_order)  # error: all mypy[arg-type]
bus.subscribe(OrderPlaced, on_user)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, on_text_or_number)  # error: all mypy[arg-type]
events.subscribe(UserCreated, on_order)  # error: all mypy[arg-type]
events.subscribe(UserCreated, on_text_or_number)  # error: all mypy[arg-type]
events.subscribe(UserCreated, order_later)  # error: all mypy[arg-type]
events.subscribe(UserCreated, number_later)  # error: all mypy[arg-type]

# a subclass: the handler would also receive every other event of the base class
bus.subscribe(UserEvent, on_created)  # error: all mypy[arg-type]
bus.subscribe(ShopEvent, on_either)  # error: all mypy[arg-type]
bus.subscribe(object, on_every)  # error: mypy[arg-type] ty; the others forget the bound
events.subscribe(UserEvent, on_created)  # error: all mypy[arg-type]
events.subscribe(UserEvent, created_later)  # error: all mypy[arg-type]
events.subscribe(ShopEvent, either_later)  # error: all mypy[arg-type]
