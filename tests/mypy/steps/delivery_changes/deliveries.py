from collections.abc import Callable
from typing import TypeVar

from delivery_changes.events import OrderPlaced, UserCreated

E = TypeVar("E")


def later(handler: Callable[[E], None]) -> Callable[[E], None]:
    raise NotImplementedError


def traced(handler: Callable[[E], None]) -> Callable[[E], None]:
    raise NotImplementedError
