"""Functions as handlers: which event class each accepts, however it comes to `subscribe`."""

from collections.abc import Callable
from functools import partial
from typing import TypedDict, Unpack

from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created_later,
    events,
    on_anything,
    on_created,
    on_order,
    on_shop,
    on_user,
    order_later,
    user_later,
)
from typedbus import logged


def on_either(event: UserCreated | OrderPlaced) -> None: ...
def on_maybe(event: UserCreated | None) -> None: ...
def on_text(event: str | int) -> None: ...
def with_more(event: UserCreated, log: str = "", *rest: int, deep: bool = False) -> None: ...
def with_all(*given: UserCreated, **more: object) -> None: ...
def of_orders(*given: OrderPlaced) -> None: ...
def needs_more(event: UserCreated, log: str) -> None: ...
def needs_more_of_other(event: OrderPlaced, log: str) -> None: ...
def by_keyword(*, event: OrderPlaced) -> None: ...
def takes_nothing() -> None: ...
def gives_number(event: UserCreated) -> int:
    return event.user_id


def log_first(log: str, event: UserCreated) -> None: ...
def log_first_order(log: str, event: OrderPlaced) -> None: ...
async def log_first_later(log: str, event: UserCreated) -> None: ...


# its own class, a base class, object, a union with the class
bus.subscribe(UserCreated, on_created)
bus.subscribe(UserCreated, on_user)
bus.subscribe(UserCreated, on_shop)
bus.subscribe(UserCreated, on_anything)
bus.subscribe(UserCreated, on_either)
bus.subscribe(UserCreated, on_maybe)
bus.subscribe(UserCreated, with_more)
bus.subscribe(UserCreated, with_all)
bus.subscribe(UserCreated, print)
events.subscribe(UserCreated, on_user)
events.subscribe(UserCreated, created_later)
events.subscribe(UserCreated, user_later)

# another class, a subclass, a union without the class
bus.subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, on_order)
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
events.subscribe(UserCreated, order_later)
# Handler "order_later" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserEvent, on_created)
# Handler "on_created" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
events.subscribe(UserEvent, created_later)
# Handler "created_later" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(ShopEvent, on_either)
# Handler "on_either" accepts only "UserCreated | OrderPlaced", but would receive every "ShopEvent"; subscribe it to each class of "UserCreated | OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
bus.subscribe(UserEvent, on_maybe)
# Handler "on_maybe" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, on_text)
# Handler "on_text" accepts "str | int", not "UserCreated"; subscribe it to each class of "str | int", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, of_orders)
# Handler "of_orders" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(object, on_shop)
# Handler "on_shop" accepts only "ShopEvent", but would receive every "object"; subscribe it to "ShopEvent", or let it accept "object"  [event-mismatch]

# What is called at the wrong time, or with too little, is mypy's to tell.
bus.subscribe(UserCreated, needs_more)
# [arg-type]
bus.subscribe(UserCreated, needs_more_of_other)
# [arg-type]
bus.subscribe(UserCreated, by_keyword)
# [arg-type]
bus.subscribe(UserCreated, takes_nothing)
# [arg-type]
bus.subscribe(UserCreated, gives_number)
# [arg-type]
bus.subscribe(UserCreated, None)
# [arg-type]
bus.subscribe(UserCreated, 1)
# [arg-type]
bus.subscribe(UserCreated)
# [call-arg]

# functools.partial
bus.subscribe(UserCreated, partial(log_first, "x"))
bus.subscribe(UserCreated, partial(with_more, log="x"))
bus.subscribe(UserCreated, partial(print, "x"))
bus.subscribe(UserCreated, partial(lambda log, event: print(log, event), "x"))
events.subscribe(UserCreated, partial(log_first_later, "x"))
logs_order = partial(log_first_order, "x")
bus.subscribe(UserCreated, partial(log_first_order, "x"))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, logs_order)
# Handler "logs_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserEvent, partial(on_created))
# Handler "on_created" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
events.subscribe(UserCreated, partial(log_first_order, "x"))
# Handler "log_first_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, partial(gives_number))
# [arg-type]

# lambdas
got: list[UserCreated] = []
bus.subscribe(UserCreated, lambda event: got.append(event))
bus.subscribe(UserCreated, lambda event: print(event.email))
bus.subscribe(UserCreated, lambda *every: None)
bus.subscribe(UserCreated, lambda event, **more: print(event.email))
for each in (got,):
    bus.subscribe(UserCreated, lambda event, each=each: each.append(event))  # mypy alone: [misc]
    bus.subscribe(UserCreated, lambda event, *, each=each: each.append(event))  # mypy alone: [misc]
    bus.on(UserCreated)(lambda event, each=each: each.append(event))  # mypy alone: [misc]
    bus.subscribe(UserCreated, lambda event, seen=[], times=1: seen.append(event))  # mypy alone: [misc]
    bus.subscribe(UserCreated, lambda event, each=each: print(event.nope))
    # [attr-defined]
    bus.subscribe(UserCreated, lambda event, each=each: each.append(event.email))
    # [arg-type]
    bus.subscribe(UserCreated, lambda event, each=on_order: each(event))
    # [arg-type]
bus.subscribe(UserCreated, lambda event: print(event.nope))
# [attr-defined]
bus.subscribe(UserCreated, lambda event: on_order(event))
# [arg-type]
bus.subscribe(UserCreated, lambda event: event.email)
# [arg-type]

# one or the other
urgent = bool(got)
bus.subscribe(UserCreated, on_created if urgent else on_user)
bus.subscribe(UserCreated, on_created if urgent else lambda event: print(event.email))
bus.subscribe(UserCreated, (chosen := on_user))
bus.subscribe(UserCreated, on_order if urgent else on_user)
# The handler accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, on_user if urgent else on_order)
# The handler accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, (lambda event: None) if urgent else on_order)
# The handler accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, (other := on_order))
# The handler accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

# out of a container
by_name = {"created": on_created, "again": on_created}
orders_by_name = {"order": on_order}
bus.subscribe(UserCreated, by_name["created"])
bus.subscribe(UserCreated, by_name.get("created", on_created))
bus.subscribe(UserCreated, [on_created, on_created][0])
bus.subscribe(UserCreated, got.append)
bus.subscribe(UserCreated, orders_by_name["order"])
# Handler "orders_by_name" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, [on_order][0])
# The handler accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserEvent, got.append)
# Handler "append" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
for handler in [on_order, on_order]:
    bus.subscribe(UserCreated, handler)
    # Handler "handler" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
table: list[tuple[type[UserCreated], Callable[[UserCreated], None]]] = [(UserCreated, on_user)]
wrong_table: list[tuple[type[UserCreated], Callable[[OrderPlaced], None]]] = []
for event_type, on_event in table:
    bus.subscribe(event_type, on_event)
for event_type, on_wrong in wrong_table:
    bus.subscribe(event_type, on_wrong)
    # Handler "on_wrong" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]

# starred: mypy unpacks them, and its word stands
pair = (UserCreated, on_user)
wrong_pair = (UserCreated, on_order)
bus.subscribe(*pair)
bus.subscribe(*pair, once=True)
bus.subscribe(UserCreated, *(on_user,))
bus.subscribe(*wrong_pair)
# [misc]
bus.subscribe(UserCreated, *(on_order,))
# [arg-type]


class Options(TypedDict, total=False):
    once: bool


def with_options(**options: Unpack[Options]) -> None:
    bus.subscribe(UserCreated, on_user, **options)
    bus.on(UserCreated, **options)(on_user)
    bus.subscribe(UserCreated, on_order, **options)
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]


# options
bus.subscribe(UserCreated, on_user, once=True, wrap=[logged], on_error="raise")
bus.subscribe(UserCreated, on_order, once=True, wrap=[logged], on_error="raise")
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(UserCreated, on_user, once="yes")
# [arg-type]
with bus.subscribe(UserCreated, on_user) as subscription:
    print(subscription)
with bus.subscribe(UserCreated, on_order) as subscription:
# Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    print(subscription)

# over several lines
bus.subscribe(
    UserCreated,
    on_order,
    # Handler "on_order" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
    once=True,
)


def optional(on_created: Callable[[UserCreated], None] | None) -> None:
    bus.subscribe(UserCreated, on_created)
    # [arg-type]
    if on_created is not None:
        bus.subscribe(UserCreated, on_created)
        bus.subscribe(UserEvent, on_created)
        # Handler "on_created" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
