"""Async handlers: welcome on `AsyncBus`, refused by `Bus`, where nobody awaits them."""

from asyncio import Future, Task
from collections.abc import Awaitable, Coroutine
from typing import Any

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created_later, order_later
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


class Mailer:
    async def welcome(self, event: UserCreated) -> None: ...
    async def __call__(self, event: UserCreated) -> None: ...


def gives_awaitable(event: UserCreated) -> Awaitable[None]:
    raise NotImplementedError


def gives_coroutine(event: UserCreated) -> Coroutine[Any, Any, None]:
    raise NotImplementedError


def gives_task(event: UserCreated) -> Task[None]:
    raise NotImplementedError


def gives_future(event: UserCreated) -> Future[int]:
    raise NotImplementedError


def gives_either(event: UserCreated) -> Awaitable[None] | None:
    raise NotImplementedError


events.subscribe(UserCreated, created_later)
events.subscribe(UserCreated, Mailer().welcome)
events.subscribe(UserCreated, Mailer())
events.subscribe(UserCreated, gives_awaitable)
events.subscribe(UserCreated, gives_coroutine)
events.subscribe(UserCreated, gives_task)
events.subscribe(UserCreated, gives_either)
events.subscribe(OrderPlaced, created_later)  # error: all mypy[arg-type]
events.subscribe(UserEvent, created_later)  # error: all mypy[arg-type]
events.subscribe(OrderPlaced, Mailer())  # error: all mypy[arg-type]
events.subscribe(UserCreated, Mailer.welcome)  # error: all mypy[arg-type]
events.subscribe(UserCreated, gives_future)  # error: all mypy[arg-type]

bus.subscribe(UserCreated, created_later)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, order_later)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Mailer().welcome)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Mailer())  # error: all mypy[arg-type]
bus.subscribe(UserCreated, gives_awaitable)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, gives_coroutine)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, gives_task)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, gives_either)  # error: all mypy[arg-type]
