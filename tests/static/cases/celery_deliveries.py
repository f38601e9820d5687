"""`CeleryDelivery`, on either bus."""

from celery import Celery

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent
from typedbus import AsyncBus, Backoff, Bus, Delivery
from typedbus.adapters.celery import CeleryDelivery, DeadLetter, Message

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
app = Celery("shop")
tasks = CeleryDelivery(app, when_away="run", retry=Backoff(tries=3))


class Shelf:
    def keep(self, message: Message, handler: str) -> None: ...


class Bin:
    def keep(self, message: str) -> None: ...


@bus.on(UserCreated, via=tasks.deliver("shop.a1"))
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=tasks.deliver("shop.a2", queue="mail", when_away=Shelf()))
async def a2(event: UserEvent) -> None: ...


@events.on(UserCreated, via=tasks.deliver("shop.a3"))
async def a3(event: UserCreated) -> None: ...


letters: list[DeadLetter] = tasks.dead_letters()
delivery: Delivery = tasks.deliver("shop.delivery")


# the wrong event
@bus.on(UserCreated, via=tasks.deliver("shop.b1"))  # error: all mypy[arg-type]
def b1(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=tasks.deliver("shop.b2"))  # error: all mypy[arg-type]
async def b2(event: OrderPlaced) -> None: ...


# the wrong option
tasks.deliver("shop.b3", when_away="wait")  # error: all mypy[arg-type]
tasks.deliver("shop.b4", when_away=Bin())  # error: all mypy[arg-type]
tasks.deliver("shop.b5", retry=3)  # error: all mypy[arg-type]
