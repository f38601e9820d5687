"""The transaction in which a durable handler works, once it has asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session, sessionmaker

from typedbus.adapters.sqlalchemy.outbox.databases import AnyMaker, Database
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.working import Work
from typedbus.core.errors import OutboxError
from typedbus.core.flows import flow_here
from typedbus.outbox.attempts import Attempt, current

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

_of: Final[WeakKeyDictionary[object, Units]] = WeakKeyDictionary()


class Units:
    """Opens the transactions of the durable handlers of one outbox."""

    def __init__(self, database: Database, tables: Tables, handlers: object) -> None:
        self.database: Final = database
        self.tables: Final = tables
        _of[handlers] = self

    def open(self, attempt: Attempt, maker: AnyMaker) -> SyncUnit | AsyncUnit:
        """Return a new transaction for *attempt*, in a session of *maker*."""
        if isinstance(maker, sessionmaker):
            return SyncUnit(Work(attempt, self.database, self.tables), maker)
        return AsyncUnit(Work(attempt, self.database, self.tables), maker)


def unit_here(maker: AnyMaker) -> SyncUnit | AsyncUnit | None:
    """Return the transaction of the durable handler that runs here, if *maker* makes such.

    None in a thread or task of the handler's own, and when the relay has ended it.
    """
    attempt = current.get()
    if attempt is None or attempt.flow != flow_here():
        return None
    units = _of.get(attempt.among)
    if units is None or not units.database.has(maker):
        return None
    unit = attempt.unit
    if unit is None:
        attempt.unit = unit = units.open(attempt, maker)
    if not isinstance(unit, SyncUnit | AsyncUnit) or unit.over:
        return None
    if unit.maker is not maker:
        raise OutboxError(
            f"open a transaction of {maker!r} in {attempt.handler!r}",
            f"it works in a transaction of {unit.maker!r}, and only one can be the relay's",
            "use one maker of sessions in a durable handler",
        )
    return unit


class SyncUnit:
    """The transaction of a handler in a `Session` (`Unit`)."""

    awaits: Final = False

    def __init__(self, work: Work, maker: sessionmaker[Any]) -> None:
        self._work = work
        self.maker: Final = maker
        self._session: Session | None = None

    @property
    def over(self) -> bool:
        """Whether it was ended."""
        return self._work.over

    def works_in(self, session: Session) -> bool:
        """Say whether *session* is the one of this transaction."""
        return session is self._session

    @contextmanager
    def block(self) -> Iterator[Session]:
        """Give the session to a part of the handler; an error that leaves it undoes the part."""
        session = self._session
        if session is None:
            session = self._session = self.maker()
            self._work.begin(session)
        try:
            with self._work.part():
                yield session
                self._work.end_part(session)
        except BaseException as error:
            if self._work.undoes(error):
                self._close()
            raise

    def commit(self) -> bool:
        """Commit, see `Unit`."""
        try:
            return self._work.commit(self._session)
        finally:
            self._close()

    def roll_back(self) -> None:
        """Keep nothing."""
        self._work.over = True
        self._close()

    async def commit_async(self) -> bool:
        """Do as `commit`."""
        return self.commit()

    async def roll_back_async(self) -> None:
        """Do as `roll_back`."""
        self.roll_back()

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


class AsyncUnit:
    """The transaction of a handler in an `AsyncSession` (`Unit`)."""

    awaits: Final = True

    def __init__(self, work: Work, maker: async_sessionmaker[Any]) -> None:
        self._work = work
        self.maker: Final = maker
        self._session: AsyncSession | None = None

    @property
    def over(self) -> bool:
        """Whether it was ended."""
        return self._work.over

    def works_in(self, session: Session) -> bool:
        """Say whether *session* is the one of this transaction."""
        return self._session is not None and session is self._session.sync_session

    @asynccontextmanager
    async def block(self) -> AsyncIterator[AsyncSession]:
        """Give the session to a part of the handler; an error that leaves it undoes the part."""
        session = self._session
        if session is None:
            session = self._session = self.maker()
            await session.run_sync(self._work.begin)
        try:
            with self._work.part():
                yield session
                await session.run_sync(self._work.end_part)
        except BaseException as error:
            if self._work.undoes(error):
                await self._close()
            raise

    async def commit_async(self) -> bool:
        """Commit, see `Unit`."""
        session = self._session
        try:
            if session is None:
                return self._work.commit(None)
            return await session.run_sync(self._work.commit)
        finally:
            await self._close()

    async def roll_back_async(self) -> None:
        """Keep nothing."""
        self._work.over = True
        await self._close()

    def commit(self) -> bool:
        """Refuse: only a coroutine can."""
        raise NotImplementedError

    def roll_back(self) -> None:
        """Refuse: only a coroutine can."""
        raise NotImplementedError

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            # A task of its own, so that a handler that is cancelled gives its connection back.
            await asyncio.shield(asyncio.ensure_future(session.close()))


def current_delivery() -> Attempt:
    """Return the delivery that is being handled here, with its `delivery_id` and `number`.

    Raises `OutboxError` outside of a durable handler that a relay or a worker calls.
    """
    attempt = current.get()
    if attempt is None:
        raise OutboxError(
            "tell the delivery",
            "no durable handler is called here",
            "ask in a handler subscribed via=outbox.durable(...), while a relay calls it",
        )
    return attempt
