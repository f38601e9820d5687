"""The four kinds of deliveries, for the other case files, and how they relate."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from typedbus import AsyncDelivery, BlockingDelivery, Delivery, SyncDelivery, Wrapper

E = TypeVar("E")
R = TypeVar("R", bound="Awaitable[None] | None")


def either(handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
    raise NotImplementedError


def sync_only(handler: Callable[[E], None], /) -> Callable[[E], None]:
    raise NotImplementedError


def async_bus_only(
    handler: Callable[[E], Awaitable[None] | None], /
) -> Callable[[E], Awaitable[None]]:
    raise NotImplementedError


def blocking(handler: Callable[[E], None], /) -> Callable[[E], Awaitable[None]]:
    raise NotImplementedError


def wrapper(handler: Callable[[E], R], /) -> Callable[[E], R]:
    raise NotImplementedError


class Queue:
    """A delivery that is an object, as `Background` is."""

    def __call__(self, handler: Callable[[E], None], /) -> Callable[[E], None]:
        raise NotImplementedError


def number(handler: int) -> int:
    raise NotImplementedError


def not_generic(handler: Callable[[int], None], /) -> Callable[[int], None]:
    raise NotImplementedError


delivery: Delivery = either
sync_delivery: SyncDelivery = sync_only
async_delivery: AsyncDelivery = async_bus_only
blocking_delivery: BlockingDelivery = blocking
wraps: Wrapper = wrapper
queue: SyncDelivery = Queue()

# A delivery that promises more serves where less is asked.
a1: SyncDelivery = delivery
a2: AsyncDelivery = delivery
a3: BlockingDelivery = delivery
a4: BlockingDelivery = sync_delivery
a5: BlockingDelivery = async_delivery
a6: SyncDelivery = wraps
a7: AsyncDelivery = wraps
a8: BlockingDelivery = wraps

b1: Delivery = sync_only  # error: mypy pyright ty; pyrefly sees it at `on`
b2: Delivery = async_bus_only  # error: mypy pyright ty; pyrefly sees it at `on`
b3: Delivery = blocking  # error: mypy pyright ty; pyrefly sees it at `on`
b4: Delivery = wraps  # error: mypy pyright pyrefly; ty: AsyncHandlerError at run time
b5: SyncDelivery = async_bus_only  # error: mypy pyright ty; pyrefly sees it at `on`
b6: SyncDelivery = blocking  # error: mypy pyright ty; pyrefly sees it at `on`
b7: AsyncDelivery = sync_only  # error: mypy pyright ty; pyrefly sees it at `on`
b8: AsyncDelivery = blocking  # error: mypy pyright ty; pyrefly sees it at `on`
b9: Wrapper = either  # error: mypy pyright; nothing else sees it
c1: Wrapper = sync_only  # error: mypy pyright; nothing else sees it
c2: Delivery = number  # error: all mypy[assignment]
c3: SyncDelivery = not_generic  # error: mypy pyright pyrefly; ty sees it at `on`
c4: BlockingDelivery = number  # error: all mypy[assignment]
c5: SyncDelivery = Queue  # error: all mypy[assignment]
