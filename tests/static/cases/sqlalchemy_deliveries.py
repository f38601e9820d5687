"""`after_commit`, `transaction` and `within` of the SQLAlchemy adapter, on either bus."""

from typing import assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker
from typedbus import AsyncBus, AsyncPublisher, Bus, Delivery, Publisher
from typedbus.adapters.sqlalchemy import (
    after_commit,
    after_rollback,
    introduce,
    transaction,
    within,
)

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
Sessions = introduce(sessionmaker[Session]())
AsyncSessions = introduce(async_sessionmaker[AsyncSession]())
assert_type(Sessions, sessionmaker[Session])


@bus.on(UserCreated, via=after_commit)
def a1(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=after_rollback)
async def a2(event: UserEvent) -> None: ...


@events.on(UserCreated, via=after_commit)
async def a3(event: UserCreated) -> None: ...


delivery: Delivery = after_commit
delivery = after_rollback


def use(session: Session) -> None:
    with transaction(Sessions) as own:
        assert_type(own, Session)
    publisher: Publisher[UserCreated] = within(session, bus)
    publisher.publish(UserCreated(user_id=1, email="a@b.c"))
    within(session, bus).publish(5)  # error: all mypy[arg-type]


async def use_async(session: AsyncSession) -> None:
    async with transaction(AsyncSessions) as own:
        assert_type(own, AsyncSession)
    publisher: AsyncPublisher[UserCreated] = within(session, events)
    await publisher.publish(UserCreated(user_id=1, email="a@b.c"))
    await within(session, events).publish(5)  # error: all mypy[arg-type]


# the wrong event
@bus.on(UserCreated, via=after_commit)  # error: all mypy[arg-type]
def b1(event: OrderPlaced) -> None: ...


@events.on(UserCreated, via=after_rollback)  # error: all mypy[arg-type]
async def b2(event: OrderPlaced) -> None: ...


introduce(5)  # error: all
