"""`Outbox.durable`, on either bus: the key, the event class, sync and async handlers."""

from datetime import timedelta
from typing import assert_type

from celery import Celery
from sqlalchemy import Engine, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent
from typedbus import AsyncBus, Backoff, Bus, Delivery
from typedbus.adapters.celery import CeleryDelivery
from typedbus.adapters.sqlalchemy import Outbox, current_delivery, transaction

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
Sessions = sessionmaker[Session]()
outbox = Outbox(Sessions, MetaData())
durable = outbox.durable
celery = CeleryDelivery(Celery("shop"))


@bus.on(UserCreated, via=durable("a1"))
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=durable("a2"))
async def a2(event: UserEvent) -> None: ...


@bus.on(UserCreated, via=durable("a3", key=lambda e: e.user_id))
def a3(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=durable("a4", key=lambda e: e.email, on_dead="park"))
async def a4(event: UserCreated) -> None: ...


@events.on(UserCreated, via=durable("a5", key=lambda e: e.user_id, to=celery))
def a5(event: UserCreated) -> None: ...


@events.on(UserCreated, via=durable("a6", key=lambda e: e.user_id, retry=Backoff(3)))
async def a6(event: UserEvent) -> None: ...


# the wrong event
@bus.on(UserCreated, via=durable("b1"))  # error: all mypy[arg-type]
def b1(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=durable("b2", key=lambda e: e.user_id))  # error: mypy pyright ty; pyrefly
def b2(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=durable("b3", key=lambda e: e.user_id))  # error: mypy pyright ty; pyrefly
async def b3(event: OrderPlaced) -> None: ...


# the wrong key; pyrefly knows no overload of on() that a lambda is on the way to
bus.on(UserCreated, via=durable("b4", key=lambda e: e.order_id))  # error: mypy pyright ty; pyrefly
events.on(UserCreated, via=durable("b5", key=lambda e: e.order_id))  # error: mypy pyright ty; pyrefly
durable("b6", key="user_id")  # error: all


def by_order(event: OrderPlaced) -> int:
    return event.order_id


def by_user(event: UserEvent) -> int:
    return event.user_id


bus.on(UserCreated, via=durable("b7", key=by_order))  # error: all
events.on(UserCreated, via=durable("b8", key=by_order))  # error: all
bus.on(UserCreated, via=durable("a7", key=by_user))
events.on(UserCreated, via=durable("a8", key=by_user))

# the wrong option
durable("b7", on_dead="wait")  # error: all
durable("b8", timeout=3)  # error: all
durable("b9", retry=3)  # error: all
durable("b10", to="celery")  # error: all


# what an outbox is made of says of which kind its sessions are
def make(
    engine: Engine, async_engine: AsyncEngine, maker: async_sessionmaker[AsyncSession]
) -> None:
    of_engine = Outbox(engine, MetaData())
    assert_type(of_engine.sessions, sessionmaker[Session])
    assert_type(Outbox(async_engine, MetaData()).sessions, async_sessionmaker[AsyncSession])
    assert_type(Outbox(maker, MetaData()).sessions, async_sessionmaker[AsyncSession])
    with transaction(of_engine.sessions) as session:
        assert_type(session, Session)
    Outbox("sqlite://", MetaData())  # error: all


delivery: Delivery = durable("c1", timeout=timedelta(seconds=3))
delivery_id: str = current_delivery().delivery_id
