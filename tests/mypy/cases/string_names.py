"""Strings where events and event classes belong."""

from shop import OrderPlaced, UserCreated, bus, created, events, on_anything, on_order
from typedbus import AsyncBus, Bus, Publisher

# a string may be the event itself, where the bus is one of strings
Bus(str).publish("user.created")
Bus(object).publish("user.created")
Bus(str).subscribe(str, lambda event: print(event.upper()))

bus.publish("user.created")
# No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
bus.publish("order_placed")
# No string names an event: "order_placed" is no event; did you mean "OrderPlaced(...)"?  [event-name]
bus.publish("UserCreated")
# No string names an event: "UserCreated" is no event; did you mean "UserCreated(...)"?  [event-name]
bus.publish("nothing like it")
# No string names an event: "nothing like it" is no event; publish an instance of its class  [event-name]
bus.publish("")
# No string names an event: "" is no event; publish an instance of its class  [event-name]
bus.subscribe("user.created", on_anything)
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
bus.subscribe("OrderPlaced", on_order)
# No string names an event: "OrderPlaced" is no event class; did you mean "OrderPlaced"?  [event-name]
bus.subscribe("nothing like it", on_order)
# No string names an event: "nothing like it" is no event class; write its class  [event-name]
bus.subscribe("user.created", lambda event: print(event))
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
bus.on("user.created")
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
bus.on("user.created")(on_order)
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
Bus("user.created")
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
AsyncBus("user.created")
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]


@bus.on("user.created")
# No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
def created_by_name(event: UserCreated) -> None: ...


async def with_async_bus() -> None:
    await events.publish("user.created")
    # No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
    await events.wait_for("user.created")
    # No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
    async with events.stream("user.created") as stream:
    # No string names an event: "user.created" is no event class; did you mean "UserCreated"?  [event-name]
        print(stream)


def through_publisher(publisher: Publisher[UserCreated]) -> None:
    publisher.publish(created)
    publisher.publish("user.created")
    # No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]


# Not written as a string: what it is shows at run time only.
def of_parameters(name: str, placed: OrderPlaced) -> None:
    bus.publish(f"order.{placed.order_id}")
    # This bus carries "ShopEvent", and "str" does not inherit from it; derive "str" from "ShopEvent", or use the bus that carries it  [event-outside]
    bus.publish(name)
    # This bus carries "ShopEvent", and "str" does not inherit from it; derive "str" from "ShopEvent", or use the bus that carries it  [event-outside]
    bus.subscribe(name, on_anything)
    # [arg-type]
    bus.publish(b"user.created")
    # This bus carries "ShopEvent", and "bytes" does not inherit from it; derive "bytes" from "ShopEvent", or use the bus that carries it  [event-outside]


def found_by_name(classes: dict[str, type[UserCreated]]) -> None:
    bus.subscribe(classes["user.created"], on_anything)
    bus.subscribe(classes["user.created"], on_order)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
