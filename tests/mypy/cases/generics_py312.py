"""The syntax of Python 3.12 for generic functions, classes and aliases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, bus, created, on_order, on_user
from typedbus import Bus, Handler, Publisher

type ShopBus = Bus[ShopEvent]
type OnEvent[E] = Callable[[E], None]
type Created = UserCreated
type Either = UserCreated | OrderPlaced


class TenantBus[E: ShopEvent](Bus[E]):
    def subscribe_one(self, event_type: type[E], handler: OnEvent[E]) -> None:
        self.subscribe(event_type, handler)
        self.subscribe(event_type, on_order)
        # Handler "on_order" accepts "OrderPlaced", not "E"; subscribe it to "OrderPlaced", or let it accept "E"  [event-mismatch]

    @override
    def publish(self, event: E, /) -> None:
        super().publish(event)


class Recorder[E: ShopEvent](Handler[E]):
    def __call__(self, event: E, /) -> None: ...


class Changed[T](ShopEvent):
    to: T


@dataclass
class Service[E]:
    events: Publisher[E]


def subscribe[E: ShopEvent](event_type: type[E], handler: OnEvent[E]) -> None:
    bus.subscribe(event_type, handler)
    bus.subscribe(event_type, lambda event: print(event.shop))
    bus.subscribe(event_type, on_user)
    # Handler "on_user" accepts "UserEvent", not "E"; subscribe it to "UserEvent", or let it accept "E"  [event-mismatch]


def one_of[E: (UserCreated, OrderPlaced)](event_type: type[E], handler: OnEvent[E]) -> None:
    bus.subscribe(event_type, handler)


def delivered[E](handler: OnEvent[E], /) -> OnEvent[E]:
    return handler


def on_every[E](event: E) -> None: ...
def on_many[*Ts](*event: *Ts) -> None: ...
def on_bound[E: UserEvent](event: E) -> None: ...
def on_changed(event: Changed[int]) -> None: ...
def traced[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    return function


@traced
def on_created(event: UserCreated) -> None: ...


bus.subscribe(UserCreated, on_every)
bus.subscribe(UserCreated, on_many)
bus.subscribe(UserCreated, on_bound)
bus.subscribe(UserCreated, on_created)
bus.subscribe(UserCreated, delivered(on_created))
bus.subscribe(UserCreated, Recorder[UserEvent]())
bus.subscribe(Changed, on_changed)
bus.on(UserCreated, via=delivered)(on_created)
TenantBus(UserEvent).subscribe(UserCreated, on_user)
TenantBus(UserEvent).publish(created)
bus.subscribe(OrderPlaced, on_bound)
# Handler "on_bound" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserEvent, on_created)
# Handler "on_created" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, delivered(on_order))
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, Recorder[OrderPlaced]())
# Handler "Recorder" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(Changed[int], on_changed)
# The type arguments of "Changed[int]" are gone at run time, so it cannot be an event class; subscribe to Changed itself, or derive a class from "Changed[int]"  [event-class]
bus.on(UserCreated, via=delivered)(on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
TenantBus(UserEvent).subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
TenantBus(UserEvent).publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]

# A `type` statement makes no class.
bus.subscribe(Created, on_created)
# [arg-type]
bus.subscribe(Either, on_every)
# [arg-type]


def of_aliases(shop_bus: ShopBus, handler: OnEvent[UserEvent]) -> None:
    shop_bus.subscribe(UserCreated, handler)
    shop_bus.publish(created)
    shop_bus.subscribe(OrderPlaced, handler)
    # Handler "handler" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
    shop_bus.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
