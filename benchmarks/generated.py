"""A generated project for mypy: many modules that subscribe and publish, and do more.

All modules say the same, each about classes of its own and about those of the module that it grew
out of. mypy finds no mistake in them.
"""

from pathlib import Path

SUBSCRIBING = 10
"""The sites in one module that subscribe a handler: five calls of `subscribe`, five `@bus.on`."""
PUBLISHING = 10
"""The sites in one module that publish."""

_ROOT = '''\
"""What happens in the shop, and the buses that carry it."""

from typedbus import AsyncBus, Background, Bus, Event


class ShopEvent(Event):
    number: int


class Opened(ShopEvent):
    customer: str


class Closed(Opened):
    cents: int = 0


bus = Bus(ShopEvent)
async_bus = AsyncBus(ShopEvent)
background = Background()
'''

_AREA = """\
from collections import Counter
from dataclasses import dataclass, field

from shop.root import ShopEvent, async_bus, background, bus
from shop.{before} import Closed as ClosedBefore, Opened as OpenedBefore
from typedbus import AsyncPublisher, Bus, Publisher

counts = Counter[str]()

class Opened(ShopEvent):
    customer: str

class Closed(Opened):
    cents: int = 0

@dataclass
class Order:
    number: int
    customer: str
    prices: dict[str, int] = field(default_factory=dict)

    def cents(self) -> int:
        return sum(price for price in self.prices.values() if price > 0)

class Orders:
    def __init__(self, events: Publisher[Opened], others: AsyncPublisher[ShopEvent]) -> None:
        self._events, self._others = events, others
        self._orders = dict[int, Order]()

    def open(self, customer: str, *products: str) -> Order:
        order = Order(len(self._orders) + 1, customer.title(), dict.fromkeys(products, 100))
        self._orders[order.number] = order
        self._events.publish(Opened(number=order.number, customer=order.customer))
        return order

    async def close(self, number: int) -> int:
        order = self._orders.pop(number)
        self._events.publish(closed := Closed(number=number, customer=order.customer))
        await self._others.publish(ClosedBefore(number=number, customer=""))
        return closed.cents + order.cents()

    def split(self, number: int) -> list[Order]:
        order = self._orders[number]
        parts = [self.open(order.customer, product) for product in sorted(order.prices)]
        bus.publish(OpenedBefore(number=number, customer=", ".join(order.prices)))
        return parts

@bus.on(Opened)
def count(event: Opened) -> None:
    counts[event.customer.upper()] += 1

@bus.on(Closed, via=background)
def tell_customer(event: Closed) -> None:
    counts[f"{{event.customer.strip()}}: {{event.cents / 100:.2f}}"] += len(event.customer)
    bus.publish(ShopEvent(number=event.number))

@bus.on(ClosedBefore, on_error="raise")
def follow(event: ClosedBefore) -> None:
    if event.cents % 2 == 0:
        bus.publish(Opened(number=event.number * 2, customer=event.customer))

@async_bus.on(Closed)
async def remind(event: Opened, every: int = 7) -> None:
    for number in range(event.number, max(counts.values(), default=0), every):
        await async_bus.publish(Opened(number=number, customer=event.customer))

@async_bus.on(OpenedBefore)
def forget(event: OpenedBefore) -> None:
    left = counts.pop(event.customer, None)
    bus.publish(event if left is None else Closed(number=left, customer=event.customer))

class Totals:
    def add(self, event: Closed) -> None:
        counts["total"] += event.cents
        bus.publish(ShopEvent(number=counts["total"]))

def start(orders: Bus[ShopEvent]) -> Orders:
    orders.subscribe(Closed, Totals().add)
    orders.subscribe(ClosedBefore, lambda event: counts.update([event.customer]))
    bus.subscribe(Opened, background(count))
    bus.subscribe(ShopEvent, print, once=True)
    async_bus.subscribe(Closed, remind)
    orders.publish(Closed(number=max(counts.values()), customer="nobody"))
    return Orders(orders, async_bus)
"""
LINES = len(_AREA.splitlines())
"""The lines of one module."""


def write_project(folder: Path, modules: int) -> None:
    """Write a project of *modules* modules into *folder*."""
    package = folder / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "root.py").write_text(_ROOT, encoding="utf-8")
    for number in range(modules):
        # Out of a module with half its number: a tree, so that workers find some to share.
        before = f"area_{number // 2:03}" if number else "root"
        source = _AREA.format(before=before)
        (package / f"area_{number:03}.py").write_text(source, encoding="utf-8")
