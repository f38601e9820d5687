"""`after_commit` and `TaskDelivery` of the Django adapter, on either bus."""

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent
from typedbus import AsyncBus, Bus, Delivery
from typedbus.adapters.django import after_commit
from typedbus.adapters.django.tasks import TaskDelivery

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
archived = after_commit(using="archive")
tasks = TaskDelivery(backend="default")


def sync_handler(event: UserCreated) -> None: ...


async def async_handler(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=after_commit)
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=after_commit)
async def a2(event: UserEvent) -> None: ...


@bus.on(UserCreated, via=after_commit(using="archive"))
async def a3(event: UserCreated) -> None: ...


@events.on(UserCreated, via=after_commit)
def a4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=archived)
async def a5(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=tasks.deliver("shop.a6"))
async def a6(event: UserCreated) -> None: ...


bus.subscribe(UserCreated, after_commit(sync_handler))
bus.subscribe(UserCreated, archived(async_handler))
events.subscribe(UserCreated, after_commit(async_handler))
bus.subscribe(UserCreated, tasks.deliver("shop.sync", queue_name="mail")(sync_handler))
delivery: Delivery = after_commit
delivery = archived
delivery = tasks.deliver("shop.delivery")


# the wrong event
@bus.on(UserCreated, via=after_commit)  # error: all mypy[arg-type]
def b1(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=after_commit(using="archive"))  # error: all mypy[arg-type]
async def b2(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=after_commit)  # error: all mypy[arg-type]
async def b3(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=tasks.deliver("shop.b4"))  # error: all mypy[arg-type]
def b4(event: OrderPlaced) -> None: ...


bus.subscribe(OrderPlaced, after_commit(sync_handler))  # error: all mypy[arg-type]
bus.subscribe(OrderPlaced, archived(async_handler))  # error: all mypy[arg-type]

# the wrong option
after_commit(using=5)  # error: all
after_commit(sync_handler, using="archive")  # error: all; a stand-in or a delivery, not both
tasks.deliver("shop.wrong", run_after=5)  # error: all mypy[arg-type]
