"""Types that mypy has not inferred yet when it first meets them: it comes back, and so do we.

Nothing may be taken for untyped meanwhile, and nothing be reported twice.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Generic, ParamSpec, TypeVar

from shop import OrderPlaced, ShopEvent, UserCreated, bus, on_created, on_order, on_user
from typedbus import Bus, Publisher

P = ParamSpec("P")
R = TypeVar("R")


def traced(function: Callable[P, R]) -> Callable[P, R]:
    return function


def make_event() -> UserCreated:
    return event


def before() -> None:
    bus.subscribe(UserCreated, handler)
    bus.subscribe(UserCreated, alias)
    bus.subscribe(UserCreated, holder.handler)
    bus.subscribe(event_type, on_created)
    bus.on(event_type)(on_created)
    bus.on(event_type)(lambda event: print(event.email))
    bus.publish(event)
    inferred_bus.publish(event)
    inferred_bus.subscribe(UserCreated, handler)
    create(inferred_bus)
    bus.subscribe(OrderPlaced, handler)
    # Handler "handler" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
    bus.subscribe(event_type, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.on(event_type)(on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    bus.publish(event_type)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    inferred_bus.publish(1)
    # This bus carries "ShopEvent", and "int" does not inherit from it; derive "int" from "ShopEvent", or use the bus that carries it  [event-outside]
    inferred_bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    create(orders_bus)
    # "create" publishes "UserCreated", and this bus carries "OrderPlaced"; give it a bus that carries "UserCreated"  [event-mismatch]

    @bus.on(event_type)
    def right(event: UserCreated) -> None: ...
    @bus.on(event_type)
    # Handler "wrong" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    def wrong(event: OrderPlaced) -> None: ...

    print(right, wrong)


class Service:
    """Its attributes are inferred one from the other, against the order of the lines."""

    def __init__(self) -> None:
        self.made = Bus(ShopEvent)
        bus.subscribe(UserCreated, self.traced_later)
        bus.subscribe(UserCreated, self.static_later)
        bus.subscribe(UserCreated, self.cached_later)
        self.late_bus.subscribe(UserCreated, self.traced_later)
        self.late_bus.publish(self.late_event)
        bus.subscribe(OrderPlaced, self.traced_later)
        # Handler "traced_later" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        self.late_bus.subscribe(OrderPlaced, self.traced_later)
        # Handler "traced_later" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        self.late_bus.publish(1)
        # This bus carries "ShopEvent", and "int" does not inherit from it; derive "int" from "ShopEvent", or use the bus that carries it  [event-outside]
        self.set_up()

    def set_up(self) -> None:
        self.late_bus = traced(lambda: Bus(ShopEvent))()
        self.late_event = traced(make_event)()

    @traced
    def traced_later(self, event: UserCreated) -> None: ...

    static_later = staticmethod(traced(on_user))

    @cached_property
    @traced
    def cached_later(self) -> Callable[[UserCreated], None]:
        return self.traced_later


@traced
def handler(event: UserCreated) -> None: ...


class Holder(Generic[R]):
    def __init__(self, handler: Callable[[R], None]) -> None:
        self.handler = traced(handler)


alias = traced(handler)
holder = Holder(on_created)
event_type = traced(lambda: UserCreated)()
event = traced(lambda: UserCreated(user_id=1, email=""))()
inferred_bus = traced(lambda: Bus(ShopEvent))()
orders_bus = traced(lambda: Bus(OrderPlaced))()


@traced
def create(events: Publisher[UserCreated]) -> None: ...
