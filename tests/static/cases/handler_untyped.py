"""Handlers without types: who sees them, where types cannot.

`event-untyped` is the plugin's. What has no types anywhere is seen at the `def`, by `--strict`.
"""

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any
from unittest.mock import Mock

from shop import OrderPlaced, ShopEvent, UserCreated
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


def on_any(event: Any) -> None: ...
def no_types(event): ...  # error: mypy[no-untyped-def] pyright-strict; ruff: ANN
def untyped(function):  # error: mypy[no-untyped-def] pyright-strict; ruff: ANN
    return function  # error: pyright-strict; follows from the line above


@untyped  # error: mypy[untyped-decorator]; pyright looks into the decorator, see below
def decorated(event: OrderPlaced) -> None: ...


@lru_cache
def cached(event: OrderPlaced) -> None: ...


def yields(event: UserCreated) -> Iterator[None]:
    yield


async def yields_later(event: UserCreated) -> AsyncIterator[None]:
    yield


def yields_no_types(event):  # error: mypy[no-untyped-def] pyright-strict; ruff: ANN
    yield


# typed, and wrong
bus.subscribe(UserCreated, yields)  # error: all mypy[arg-type]
events.subscribe(UserCreated, yields)  # error: all mypy[arg-type]
events.subscribe(UserCreated, yields_later)  # error: all mypy[arg-type]

# right because nobody can know better
bus.subscribe(UserCreated, Mock())
events.subscribe(UserCreated, Mock())

# not typed
bus.subscribe(UserCreated, on_any)  # error: none; event-untyped
bus.subscribe(UserCreated, no_types)  # error: pyright-strict; event-untyped
bus.subscribe(UserCreated, decorated)  # error: pyright; event-untyped
bus.subscribe(UserCreated, cached)  # error: none; the cache erases the parameter
bus.subscribe(UserCreated, yields_no_types)  # error: pyright pyrefly; event-untyped
events.subscribe(UserCreated, on_any)  # error: none; event-untyped
events.subscribe(UserCreated, no_types)  # error: pyright-strict; event-untyped
events.subscribe(UserCreated, decorated)  # error: pyright; event-untyped
events.subscribe(UserCreated, cached)  # error: none; the cache erases the parameter
events.subscribe(UserCreated, yields_no_types)  # error: pyright pyrefly; event-untyped
