"""transaction: the session of the publisher where there is one, else a new one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from sqlalchemy.orm import Session, sessionmaker

from typedbus.adapters.sqlalchemy.ambient import places
from typedbus.adapters.sqlalchemy.introducing import sync_class_of
from typedbus.core.flows import flow_here
from typedbus.outbox.attempts import current

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

    from typedbus.adapters.sqlalchemy.outbox.units import AsyncUnit, SyncUnit

S = TypeVar("S", bound=Session)
A = TypeVar("A", bound="AsyncSession")


@overload
def transaction(maker: sessionmaker[S], /) -> AbstractContextManager[S]: ...
@overload
def transaction(maker: async_sessionmaker[A], /) -> AbstractAsyncContextManager[A]: ...
def transaction(
    maker: sessionmaker[Any] | async_sessionmaker[Any], /
) -> AbstractContextManager[Any] | AbstractAsyncContextManager[Any]:
    """Give a session in a transaction, by `with` or, of an async_sessionmaker, `async with`.

    Where a transaction of *maker* is open already, in this thread and task, it gives that very
    session and leaves the commit to whoever began it: a handler that runs inline writes in the
    transaction of its publisher. Everywhere else, in an after-commit handler too, it opens a new
    session, commits at the end of the block, and rolls back if an error leaves it.

    In a durable handler that a relay calls, and that has no transaction open, it gives a session
    whose transaction the relay commits when the handler is done: what is written there, and that
    the handler is done with the event, are kept together or not at all. An error that leaves the
    block undoes what was written in it.

    It introduces *maker*. To undo only what one handler wrote, use `session.begin_nested()`.
    """
    if isinstance(maker, sessionmaker):
        return _transaction(maker)
    return _async_transaction(maker)


@contextmanager
def _transaction(maker: sessionmaker[S]) -> Iterator[S]:
    session, unit = _session_here(maker), _unit_here(maker)
    if unit is not None and (session is None or unit.works_in(session)):
        with unit.block() as its:
            yield cast("S", its)  # made by the maker
        return
    if session is not None:
        yield cast("S", session)  # of the maker's class, which no other session has
        return
    with maker.begin() as own:
        yield own


@asynccontextmanager
async def _async_transaction(maker: async_sessionmaker[A]) -> AsyncIterator[A]:
    from sqlalchemy.ext.asyncio import async_session

    session, unit = _session_here(maker), _unit_here(maker)
    if unit is not None and (session is None or unit.works_in(session)):
        async with unit.block() as its:
            yield cast("A", its)  # made by the maker
        return
    if session is not None:
        yield cast("A", async_session(session))  # of the maker's class, as above
        return
    # Not `maker.begin()`: that commits in a task of its own, which no cancellation reaches.
    async with maker() as own, own.begin():
        yield own


def _session_here(maker: sessionmaker[Any] | async_sessionmaker[Any]) -> Session | None:
    """Return the session of *maker* whose transaction is open in this thread and task."""
    made, flow = sync_class_of(maker), flow_here()
    for place in places():
        session = place.session
        if session is not None and type(session) is made and place.flow == flow:
            return session
    return None


@overload
def _unit_here(maker: sessionmaker[Any], /) -> SyncUnit | None: ...
@overload
def _unit_here(maker: async_sessionmaker[Any], /) -> AsyncUnit | None: ...
def _unit_here(
    maker: sessionmaker[Any] | async_sessionmaker[Any], /
) -> SyncUnit | AsyncUnit | None:
    """Return the transaction of the durable handler that runs here, if there is one."""
    if current.get() is None:
        return None
    # It knows three databases, and who has no outbox need not have them.
    from typedbus.adapters.sqlalchemy.outbox.units import unit_here

    return unit_here(maker)
