"""The bus: a subclass, an attribute, a union, an alias, a parameter, a type variable."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self, TypeAlias, TypeVar

import typedbus
from shop import (
    Other,
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created,
    created_later,
    events,
    on_anything,
    on_created,
    on_order,
    on_other,
    on_user,
    placed,
)
from typedbus import AsyncBus, Bus, Event, Subscription

E = TypeVar("E", bound=ShopEvent)
E_contra = TypeVar("E_contra", contravariant=True)
AnyShopBus = TypeVar("AnyShopBus", bound=Bus[ShopEvent])
EitherBus = TypeVar("EitherBus", Bus[ShopEvent], AsyncBus[ShopEvent])
ShopBus: TypeAlias = Bus[ShopEvent]
BusOf: TypeAlias = Bus[E_contra]


class AppBus(Bus[ShopEvent]):
    def __init__(self) -> None:
        super().__init__(ShopEvent)
        self.subscribe(UserCreated, self.log)
        super().subscribe(UserCreated, self.log)
        self.publish(created)
        self.subscribe(UserCreated, on_order)
        # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
        self.publish(UserCreated)
        # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
        super().subscribe(UserCreated, on_order)
        # [arg-type]
        super().publish(UserCreated)
        # [arg-type]

    def log(self, event: ShopEvent) -> None: ...

    @classmethod
    def ready(cls) -> Self:
        made = cls()
        made.subscribe(UserCreated, on_user)
        made.subscribe(UserCreated, on_order)
        # [arg-type]
        return made


class TenantBus(Bus[E]):
    def subscribe_user(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        self.subscribe(event_type, handler)
        self.on(event_type)(handler)
        self.subscribe(event_type, on_order)
        # Handler "on_order" accepts "OrderPlaced", not "E"; subscribe it to "OrderPlaced", or let it accept "E"  [event-mismatch]

    def publish_user(self, event: E) -> None:
        self.publish(event)
        super().publish(event)
        self.publish("event")
        # No string names an event: "event" is no event; did you mean "Event(...)"?  [event-name]


class DefaultBus(Bus): ...


app_bus = AppBus()
tenant_bus = TenantBus(UserEvent)
app_bus.subscribe(UserCreated, on_user)
app_bus.publish(created)
app_bus.on(UserCreated)(on_user)
tenant_bus.subscribe(UserCreated, on_user)
tenant_bus.publish(created)
DefaultBus().subscribe(UserCreated, on_user)
DefaultBus().publish(created)
Bus(ShopEvent).subscribe(UserCreated, on_user)
typedbus.Bus(ShopEvent).subscribe(UserCreated, on_user)
app_bus.subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
app_bus.publish(Other())
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
app_bus.on(UserCreated)(on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
app_bus.subscribe(UserCreated, created_later)
# Handler "created_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
tenant_bus.subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
tenant_bus.subscribe(OrderPlaced, on_order)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
tenant_bus.publish(placed)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
DefaultBus().publish("created")
# No string names an event: "created" is no event; did you mean "UserCreated(...)"?  [event-name]
Bus(ShopEvent).subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
typedbus.Bus(ShopEvent).subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


class Service:
    shared: ClassVar[Bus[ShopEvent]] = bus

    def __init__(self, held: Bus[ShopEvent], maybe: Bus[ShopEvent] | None = None) -> None:
        self._held = held
        self._maybe = maybe
        self._made = Bus(ShopEvent)

    @property
    def bus(self) -> Bus[ShopEvent]:
        return self._held

    def start(self) -> None:
        self._held.subscribe(UserCreated, self.on_user)
        self._made.subscribe(UserCreated, self.on_user)
        self.bus.subscribe(UserCreated, self.on_user)
        self.shared.publish(created)
        Service.shared.publish(created)
        if self._maybe:
            self._maybe.subscribe(UserCreated, self.on_user)
            self._maybe.publish(Other())
            # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
        self._held.subscribe(OrderPlaced, self.on_user)
        # Handler "on_user" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
        self._made.subscribe(OrderPlaced, self.on_user)
        # Handler "on_user" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
        self.bus.subscribe(OrderPlaced, self.on_user)
        # Handler "on_user" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
        self.shared.publish(Other())
        # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
        Service.shared.publish(UserCreated)
        # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]

    def on_user(self, event: UserEvent) -> None: ...


def of_parameters(
    either: Bus[ShopEvent] | AsyncBus[ShopEvent],
    two: Bus[ShopEvent] | Bus[UserEvent],
    maybe: Bus[ShopEvent] | None,
    any_bus: Bus[Any],
    object_bus: Bus[object],
    default: Bus,
    alias: ShopBus,
    generic_alias: BusOf[UserEvent],
    bus_type: type[Bus[ShopEvent]],
) -> None:
    either.subscribe(UserCreated, on_user)
    either.on(UserCreated)(on_user)
    two.subscribe(UserCreated, on_user)
    two.publish(created)
    any_bus.subscribe(Other, on_other)
    object_bus.subscribe(Other, on_other)
    object_bus.publish(Other())
    default.subscribe(Other, on_other)
    default.publish(Other())
    alias.publish(created)
    generic_alias.publish(created)
    bus_type(ShopEvent).publish(created)
    if maybe is not None:
        maybe.subscribe(UserCreated, on_user)
    if isinstance(either, Bus):
        either.publish(created)
    if isinstance(two, AppBus):
        two.publish(placed)
    either.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    either.on(UserCreated)(on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    either.subscribe(UserCreated, created_later)
    # Handler "created_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
    either.subscribe("created", on_user)
    # No string names an event: "created" is no event class; did you mean "UserCreated"?  [event-name]
    two.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    two.subscribe(OrderPlaced, on_order)
    # This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
    two.publish(placed)
    # This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
    two.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    any_bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    any_bus.publish(Other())
    # What this is published on is untyped (Any), so nothing checks that it carries the event; annotate it, as Publisher[...] of an event class  [event-untyped]
    any_bus.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    any_bus.publish("created")
    # No string names an event: "created" is no event; did you mean "UserCreated(...)"?  [event-name]
    object_bus.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    object_bus.publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    default.publish(1)
    # This bus carries "Event", and "int" does not inherit from it; derive "int" from "Event", or use the bus that carries it  [event-outside]
    alias.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    generic_alias.publish(placed)
    # This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
    bus_type(ShopEvent).publish(UserCreated)
    # The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
    maybe.subscribe(UserCreated, on_user)
    # [union-attr]


def give() -> Bus[ShopEvent]:
    return bus


by_name = {"shop": bus}
give().publish(created)
by_name["shop"].publish(created)
(bus if created else give()).publish(created)
for each in (bus, give()):
    each.publish(created)
give().publish(Other())
# This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]
by_name["shop"].publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
(bus if created else give()).publish("created")
# No string names an event: "created" is no event; did you mean "UserCreated(...)"?  [event-name]
for each in (bus, give()):
    each.publish(Other())
    # This bus carries "ShopEvent", and "Other" does not inherit from it; derive "Other" from "ShopEvent", or use the bus that carries it  [event-outside]


# mypy asks no plugin about the methods of a type variable with a bound: its own word stands
def of_bound(some: AnyShopBus) -> AnyShopBus:
    some.subscribe(UserCreated, on_user)
    some.on(UserCreated)(on_user)
    some.publish(created)
    some.subscribe(UserCreated, on_order)
    # [arg-type]
    some.on(UserCreated)(on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    some.publish(UserCreated)
    # [arg-type]
    return some


def of_either(some: EitherBus) -> EitherBus:
    some.subscribe(UserCreated, on_user)
    some.subscribe(UserCreated, on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    return some


# a protocol of the user's own is not a bus
class Subscribes(Protocol):
    def subscribe(self, event_type: type[E], handler: Callable[[E], None], /) -> Subscription: ...
    def publish(self, event: UserCreated, /) -> object: ...


def of_protocol(some: Subscribes) -> None:
    some.subscribe(UserCreated, on_user)
    some.publish(created)
    some.subscribe(UserCreated, on_order)
    # [arg-type]
    some.publish(placed)
    # [arg-type]


of_protocol(bus)
of_protocol(app_bus)
of_protocol(events)


# through the class
Bus.publish(app_bus, created)
AppBus.subscribe(app_bus, UserCreated, on_anything)
AppBus.subscribe(app_bus, UserCreated, on_order)
# [arg-type]
AppBus.publish(app_bus, UserCreated)
# [arg-type]


# a method on its own
publish = bus.publish
subscribe = bus.subscribe
publish(created)
subscribe(UserCreated, on_created)
list(map(bus.publish, [created, created]))
publish(Other())
# [arg-type]
subscribe(UserCreated, on_order)
# [arg-type]
list(map(bus.publish, [Other()]))
# [arg-type]

# A wider bus serves where a narrower one does.
narrow: Bus[UserEvent] = bus
default_bus: Bus[Event] = Bus()
narrow.publish(placed)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
wide: Bus[Event] = bus
# [assignment]
