"""The root of a bus: `Event` by default, or any class; wide buses serve where narrow ones do."""

from dataclasses import dataclass
from typing import Any, assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created
from typedbus import AsyncBus, Bus, Event, Subscription


@dataclass(frozen=True)
class PlainEvent:
    number: int


class AppBus(Bus[ShopEvent]):
    def publish_twice(self, event: ShopEvent) -> None:
        self.publish(event)
        self.publish(event)
        self.publish("twice")  # error: all mypy[arg-type]


assert_type(Bus(), Bus[Event])
assert_type(Bus(ShopEvent), Bus[ShopEvent])
assert_type(Bus(PlainEvent), Bus[PlainEvent])
assert_type(Bus(object), Bus[object])
assert_type(AsyncBus(), AsyncBus[Event])
assert_type(AsyncBus(ShopEvent), AsyncBus[ShopEvent])
assert_type(AsyncBus(PlainEvent), AsyncBus[PlainEvent])

typed: Bus[ShopEvent] = Bus(ShopEvent)
default: Bus = Bus()
assert_type(default, Bus[Event])
async_typed: AsyncBus[ShopEvent] = AsyncBus(ShopEvent)
Bus().publish(created)
Bus(PlainEvent).publish(PlainEvent(1))
Bus(PlainEvent).publish(created)  # error: all mypy[arg-type]
Bus(ShopEvent).publish(PlainEvent(1))  # error: all mypy[arg-type]
Bus().publish(PlainEvent(1))  # error: all mypy[arg-type]

# a subclass of one's own
app_bus = AppBus(ShopEvent)
app_bus.subscribe(UserCreated, lambda event: print(event.email))
app_bus.publish(created)
app_bus.publish_twice(created)
assert_type(app_bus.subscriptions(UserCreated), tuple[Subscription, ...])
app_bus.on(UserCreated)(lambda event: print(event.email))
app_bus.on(UserCreated)(lambda event: print(event.nope))  # error: all mypy[attr-defined]
AppBus(PlainEvent)  # error: all
app_bus.publish(PlainEvent(1))  # error: all mypy[arg-type]
app_bus.subscribe(UserCreated, lambda event: print(event.nope))  # error: all mypy[attr-defined]

# the root itself
Bus("ShopEvent")  # error: all
Bus(ShopEvent())  # error: all
Bus(None)  # error: all
Bus(root=ShopEvent)  # error: all
Bus(ShopEvent, UserEvent)  # error: all
Bus[ShopEvent]()  # error: pyright ty pyrefly; event-class, EventTypeError
AsyncBus("ShopEvent")  # error: all
AsyncBus(ShopEvent())  # error: all
AsyncBus[ShopEvent]()  # error: pyright ty pyrefly; event-class, EventTypeError

all_bus = Bus()
shop_bus = Bus(ShopEvent)
user_bus = Bus(UserEvent)
order_bus = Bus(OrderPlaced)
object_bus = Bus(object)


def takes_users(bus: Bus[UserEvent]) -> None: ...
def takes_orders(bus: Bus[OrderPlaced]) -> None: ...
def takes_shop(bus: Bus[ShopEvent]) -> None: ...
def takes_all(bus: Bus[Event]) -> None: ...
def takes_default(bus: Bus) -> None: ...


# contravariant: who carries every event of the shop carries those about users
takes_users(shop_bus)
takes_orders(shop_bus)
takes_shop(all_bus)
takes_shop(app_bus)
takes_default(all_bus)
takes_all(object_bus)
takes_shop(Bus())
takes_shop(user_bus)  # error: all mypy[arg-type]
takes_all(shop_bus)  # error: all mypy[arg-type]
takes_default(shop_bus)  # error: all mypy[arg-type]
takes_users(order_bus)  # error: all mypy[arg-type]
takes_users(AsyncBus(ShopEvent))  # error: all mypy[arg-type]

# made on the spot, a bus may be inferred from the place instead of from its root
takes_users(Bus(ShopEvent))  # error: mypy[arg-type]; it is right: python/mypy#6482
takes_shop(Bus(UserEvent))  # error: mypy-plugin; EventOutsideError as soon as it is published to


# options
Bus(ShopEvent, on_error="raise", wrap=[], envelopes=True)
Bus(on_error="log")
AsyncBus(ShopEvent, on_error="collect", concurrency=4)
Bus(ShopEvent, "raise")  # error: all
Bus(ShopEvent, concurrency=4)  # error: all
AsyncBus(ShopEvent, concurrency="4")  # error: all


def of_anything(root: type[Any]) -> None:
    Bus(root).publish(created)  # error: none; event-untyped
