"""The adapter for SQLAlchemy: its deliveries, and what gives which session or publisher."""

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created_later, on_created, on_order
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from typing_extensions import assert_type

from typedbus import AsyncBus, Bus
from typedbus.adapters.sqlalchemy import (
    after_commit,
    after_rollback,
    introduce,
    transaction,
    within,
)

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


class OwnSession(Session): ...


class OwnAsyncSession(AsyncSession): ...


# the deliveries take handlers of both kinds, on either bus
bus.subscribe(UserCreated, after_commit(on_created))
bus.subscribe(UserCreated, after_commit(created_later))
events.subscribe(UserCreated, after_rollback(created_later))
bus.subscribe(UserCreated, after_commit(on_order))  # error: all mypy[arg-type]
events.subscribe(UserCreated, after_rollback(on_order))  # error: all mypy[arg-type]


@bus.on(UserCreated, via=after_commit)
async def a1(event: UserEvent) -> None: ...


@events.on(UserCreated, via=after_rollback)
def a2(event: UserCreated) -> None: ...


@bus.on(UserCreated, via=after_rollback)  # error: all mypy[arg-type]
def a3(event: OrderPlaced) -> None: ...


@bus.on(UserCreated, via=after_commit)  # error: all mypy[arg-type]
async def a4(event: OrderPlaced) -> None: ...


# introduce gives back what it got
sessions = introduce(sessionmaker(class_=OwnSession))
async_sessions = introduce(async_sessionmaker(class_=OwnAsyncSession))
assert_type(sessions, sessionmaker[OwnSession])
assert_type(async_sessions, async_sessionmaker[OwnAsyncSession])
assert_type(introduce(scoped_session(sessions)), scoped_session[OwnSession])
own_class: type[OwnSession] = introduce(OwnSession)
assert_type(introduce(OwnAsyncSession()), OwnAsyncSession)
introduce("Sessions")  # error: all

# transaction gives a session of the maker's class
with transaction(sessions) as session:
    assert_type(session, OwnSession)


async def write() -> None:
    async with transaction(async_sessions) as session:
        assert_type(session, OwnAsyncSession)
    with transaction(async_sessions): ...  # error: all


# within gives a publisher of what the bus carries
def place(session: Session, scoped: scoped_session[OwnSession], event: UserCreated) -> None:
    within(session, bus).publish(event)
    within(scoped, bus).publish(event)
    within(session, bus).publish("placed")  # error: all mypy[arg-type]
    within("session", bus)  # error: all


async def place_later(
    session: AsyncSession, scoped: async_scoped_session[OwnAsyncSession], event: UserCreated
) -> None:
    await within(session, events).publish(event)
    await within(scoped, events).publish(event)
    within(session, bus).publish(event)
    await within(session, events).publish("placed")  # error: all mypy[arg-type]
