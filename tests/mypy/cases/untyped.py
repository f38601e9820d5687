"""Handlers, events and buses of which nothing is known: Any."""

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

from shop import ShopEvent, UserCreated, bus, created, events, on_anything, on_user
from typedbus import Bus, collected


def on_any(event: Any) -> None: ...
def on_any_later(event: Any, log: str = "") -> None: ...
async def any_later(event: Any) -> None: ...
def all_anything(*given: Any) -> None: ...
def no_types(event):
# [no-untyped-def]
    print(event)


# What takes everything is a handler of everything.
bus.subscribe(UserCreated, on_anything)
bus.subscribe(UserCreated, all_anything)
bus.subscribe(UserCreated, Mock())
bus.subscribe(UserCreated, print)
bus.subscribe(UserCreated, lambda event: None)

bus.subscribe(UserCreated, on_any)
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, on_any_later)
# Handler "on_any_later" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, no_types)
# Handler "no_types" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, any_later)
# Handler "any_later" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
events.subscribe(UserCreated, on_any)
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, collected(on_any))
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.on(UserCreated)(on_any)
# Handler "on_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]


@bus.on(UserCreated)
# Handler "decorated" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
def decorated(event: Any) -> None: ...
@bus.on(UserCreated)
def typed(event: UserCreated, *args: Any, **kwargs: Any) -> None: ...


def of_parameters(
    anything: Any,
    of_any: Callable[[Any], None],
    of_more: Callable[..., None],
    any_class: type[Any],
    any_bus: Bus[Any],
    either: Any | UserCreated,
    handlers: list[Any],
) -> None:
    bus.publish(either)
    any_bus.subscribe(UserCreated, on_user)
    anything.publish(created)
    anything.subscribe(UserCreated, on_anything)
    bus.subscribe(UserCreated, anything)
    # Handler "anything" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
    bus.subscribe(UserCreated, anything.handler)
    # Handler "handler" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
    bus.subscribe(UserCreated, anything(on_user))
    # Handler "anything" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
    bus.subscribe(UserCreated, of_any)
    # Handler "of_any" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
    bus.subscribe(UserCreated, of_more)
    # Handler "of_more" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
    bus.subscribe(UserCreated, handlers[0])
    # Handler "handlers" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
    bus.subscribe(anything, on_user)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    bus.subscribe(anything.UserCreated, on_user)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    bus.subscribe(any_class, on_user)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    bus.on(anything)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    bus.publish(anything)
    # This event is untyped (Any), so nothing checks that the bus carries it; annotate it with "ShopEvent" or a subclass  [event-untyped]
    bus.publish(anything.event)
    # This event is untyped (Any), so nothing checks that the bus carries it; annotate it with "ShopEvent" or a subclass  [event-untyped]
    bus.publish(any_class())
    # This event is untyped (Any), so nothing checks that the bus carries it; annotate it with "ShopEvent" or a subclass  [event-untyped]
    any_bus.publish(created)
    # What this is published on is untyped (Any), so nothing checks that it carries the event; annotate it, as Publisher[...] of an event class  [event-untyped]
    any_bus.publish(anything)
    # What this is published on is untyped (Any), so nothing checks that it carries the event; annotate it, as Publisher[...] of an event class  [event-untyped]
    Bus(anything)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
    Bus(any_class)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]


async def of_async_bus(anything: Any) -> None:
    await events.publish(created)
    await events.publish(anything)
    # This event is untyped (Any), so nothing checks that the bus carries it; annotate it with "ShopEvent" or a subclass  [event-untyped]
    await events.wait_for(anything)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]


# What mypy has reported already is not reported again.
bus.subscribe(UserCreated, undefined)
# [name-defined]
bus.subscribe(undefined, on_user)
# [name-defined]
bus.subscribe(UserCreated, collected(undefined))
# [name-defined]
bus.subscribe(UserCreated, on_user.undefined)
# [attr-defined]
bus.publish(undefined)
# [name-defined]
bus.publish(ShopEvent(undefined=1))
# [call-arg]
undefined.subscribe(UserCreated, on_user)
# [name-defined]


kept = undefined
# [name-defined]
bus.subscribe(UserCreated, kept)
bus.subscribe(kept, on_user)
bus.publish(kept)
bus.publish(kept.event)
bus.subscribe(UserCreated, kept.handler)
of_undefined = Bus(undefined)
# [name-defined]
of_undefined.subscribe(UserCreated, on_user)
of_undefined.publish(created)
of_string = Bus("created")
# No string names an event: "created" is no event class; did you mean "UserCreated"?  [event-name]
of_string.subscribe(UserCreated, on_user)
of_string.publish(created)
bus.subscribe("created", on_any)
# No string names an event: "created" is no event class; did you mean "UserCreated"?  [event-name]


def in_untyped_function(anything):
# [no-untyped-def]
    bus.subscribe(UserCreated, on_user)
    bus.subscribe(UserCreated, anything)
    # Handler "anything" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
    bus.publish(anything)
    # This event is untyped (Any), so nothing checks that the bus carries it; annotate it with "ShopEvent" or a subclass  [event-untyped]
    anything.subscribe(UserCreated, on_user)
