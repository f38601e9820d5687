"""Coroutines that nobody awaits: who sees which form."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from shop import (
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    created,
    created_later,
    events,
    on_user,
    user_later,
)
from typedbus import AsyncBackground, AsyncBus, AsyncPublisher, Bus, Publisher, collect, in_thread


class Mailer:
    async def welcome(self, event: UserEvent) -> None: ...
    async def __call__(self, event: UserEvent) -> None: ...


def gives_awaitable(event: UserEvent) -> Awaitable[None]:
    return user_later(event)


def gives_coroutine(event: UserEvent) -> Coroutine[Any, Any, None]:
    return user_later(event)


def gives_task(event: UserEvent) -> asyncio.Task[None]:
    return asyncio.create_task(user_later(event))


def gives_either(event: UserEvent) -> Awaitable[None] | None:
    return user_later(event) if event.user_id else None


async def gives_coroutine_later(event: UserEvent) -> Awaitable[None]:
    return user_later(event)


# an async handler where the bus awaits it, and where it does not
events.subscribe(UserCreated, user_later)
events.subscribe(UserCreated, Mailer().welcome)
events.subscribe(UserCreated, Mailer())
events.subscribe(UserCreated, gives_awaitable)
events.subscribe(UserCreated, gives_coroutine)
events.subscribe(UserCreated, gives_task)
events.subscribe(UserCreated, gives_either)
events.subscribe(UserCreated, partial(user_later))
events.subscribe(UserCreated, lambda event: user_later(event))
events.subscribe(UserCreated, lambda event: user_later(event) if event.user_id else None)
events.subscribe(UserCreated, lambda event, later=user_later: later(event))  # mypy alone: [misc]
events.subscribe(UserCreated, events.publish)
bus.subscribe(UserCreated, user_later)
# Handler "user_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, Mailer().welcome)
# Handler "welcome" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, Mailer())
# Handler "Mailer" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, gives_awaitable)
# Handler "gives_awaitable" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, gives_coroutine)
# Handler "gives_coroutine" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, gives_task)
# Handler "gives_task" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, gives_either)
# Handler "gives_either" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, partial(user_later))
# Handler "user_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, lambda event: user_later(event))
# The lambda is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, lambda event: user_later(event) if event.user_id else None)
# The lambda is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, lambda event, later=user_later: later(event))
# The lambda is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, lambda event: asyncio.create_task(user_later(event)))
# The lambda is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, events.publish)
# Handler "publish" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, lambda event: events.publish(event))
# The lambda is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.on(UserCreated)(user_later)
# Handler "user_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]

# The wrong class comes first: one thing at a time.
bus.subscribe(ShopEvent, user_later)
# Handler "user_later" accepts only "UserEvent", but would receive every "ShopEvent"; subscribe it to "UserEvent", or let it accept "ShopEvent"  [event-mismatch]

# awaited once, and a coroutine comes out
events.subscribe(UserCreated, gives_coroutine_later)
# [arg-type]


# a bus where nobody awaits what it publishes, or where somebody awaits nothing
def publishes(events: Publisher[UserCreated]) -> None:
    events.publish(created)


async def publishes_later(events: AsyncPublisher[UserCreated]) -> None:
    await events.publish(created)


async def gives_publishers() -> None:
    publishes(bus)
    await publishes_later(events)
    publishes(events)
    # "publishes" takes a "Publisher[UserCreated]", which nobody awaits, and "AsyncBus[ShopEvent]" must be awaited; give it a Bus, or let it take an AsyncPublisher  [event-async]
    await publishes_later(bus)
    # "publishes_later" takes an "AsyncPublisher[UserCreated]", which it awaits, and "Bus[ShopEvent]" has nothing to await; give it an AsyncBus, or let it take a Publisher  [event-async]


# a publish that is not awaited: mypy sees it where it is a statement
async def statements(events: AsyncBus[ShopEvent], publisher: AsyncPublisher[UserCreated]) -> None:
    await events.publish(created)
    await asyncio.gather(events.publish(created), publisher.publish(created))
    events.publish(created)
    # [unused-coroutine]
    publisher.publish(created)
    # [unused-coroutine]
    events.wait_for(UserCreated)
    # [unused-coroutine]
    user_later(created)
    # [unused-coroutine]
    for _ in range(2):
        events.publish(created)
        # [unused-coroutine]
    with collect():
        events.publish(created)
        # [unused-coroutine]
    publish = events.publish
    publish(created)
    # [unused-coroutine]
    (lambda: events.publish(created))()
    # [unused-coroutine]


def not_async() -> None:
    asyncio.run(publishes_later(events))
    events.publish(created)
    # [unused-coroutine]


def returned() -> None:
    return events.publish(created)
    # [return-value]


# Nobody sees these, the plugin neither: it is asked about the call, and not told what becomes of
# what it returns. At run time, Python warns that the coroutine was never awaited.
async def values(events: AsyncBus[ShopEvent], either: Bus[ShopEvent] | AsyncBus[ShopEvent]) -> None:
    _ = events.publish(created)
    kept = [events.publish(created)]
    [events.publish(created) for _ in range(2)]
    (events.publish(created), events.publish(created))
    events.publish(created) if kept else None
    kept and events.publish(created)
    print(events.publish(created))
    list(map(events.publish, [created]))
    either.publish(created)
    asyncio.gather(events.publish(created))
    in_thread(on_user)(created)
    AsyncBackground()(user_later)(created)
    given: Callable[[UserCreated], object] = events.publish
    given(created)


# Nor these: what a handler of type Any, or of `object`, makes of it is its own affair.
def gives_any(event: UserEvent) -> Any:
    return user_later(event)


async def gives_any_later(event: UserEvent) -> Any:
    return user_later(event)


bus.subscribe(UserCreated, gives_any)
events.subscribe(UserCreated, gives_any_later)
bus.subscribe(UserCreated, lambda event: print(created_later(event)))
