"""A durable handler in another process: the delivery is over when its transaction says so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from typedbus.adapters.sqlalchemy.outbox.databases import Database
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.handed_over import HandedOver, HandedOvers
from typedbus.core.attempts import is_awaitable, refuse_generator
from typedbus.core.callables import AnyHandler, is_async
from typedbus.core.delivered import Delivered, innermost
from typedbus.core.envelope import current_envelope
from typedbus.outbox.attempts import Unit, current
from typedbus.outbox.outcomes import outcome_of

T = TypeVar("T")
logger: Final = logging.getLogger("typedbus")


class Tracked(Delivered):
    """Stands around a handler where a carrier calls it, and keeps its delivery in the outbox.

    It returns normally when the handler fails: the outbox has it tried again, not the carrier.
    """

    __slots__ = ("_committed", "_database", "_deliveries")

    delivery = "tracked"

    def __init__(
        self,
        database: Database,
        deliveries: HandedOvers,
        committed: Callable[[], None],
        handler: AnyHandler,
        /,
    ) -> None:
        super().__init__(handler)
        self._database = database
        self._deliveries = deliveries
        self._committed = committed

    def __call__(self, event: Any, /) -> Any:
        """Call the handler with *event*, unless it is done with it."""
        event_id = current_envelope().id
        if is_async(innermost(self.handler)):
            return self._run_async(event, event_id)
        return self._run(event, event_id)

    def _run(self, event: object, event_id: str) -> None:
        found = self._in_transaction(lambda at: self._deliveries.begin(at, event_id))
        if found is None:
            return
        token = current.set(found.attempt)
        try:
            found.attempt.runs_here()
            error = self._called(event, found)
        finally:
            current.reset(token)
        if error is not None:
            self._in_transaction(lambda at: self._failed(at, found, error))
        self._committed()

    def _called(self, event: object, found: HandedOver) -> BaseException | None:
        try:
            result = self.handler(event)
            refuse_generator(result, self.handler)
            if is_awaitable(result):
                asyncio.run(_awaited(result))
        except Exception as error:  # noqa: BLE001 - what a handler raises is its outcome
            _end(found.attempt.unit)
            return error
        unit = found.attempt.unit
        try:
            if unit is None:
                self._in_transaction(lambda at: self._deliveries.done(at, found))
            elif unit.awaits:
                asyncio.run(_awaited(unit.commit_async()))
            else:
                unit.commit()
        except Exception as error:  # noqa: BLE001 - as if the handler had raised it
            return error
        return None

    async def _run_async(self, event: object, event_id: str) -> None:
        found = await self._in_transaction_async(lambda at: self._deliveries.begin(at, event_id))
        if found is None:
            return
        token = current.set(found.attempt)
        try:
            found.attempt.runs_here()
            error = await self._called_async(event, found)
        finally:
            current.reset(token)
        if error is not None:
            await self._in_transaction_async(lambda at: self._failed(at, found, error))
        self._committed()

    async def _called_async(self, event: object, found: HandedOver) -> BaseException | None:
        timeout = found.attempt.timeout
        try:
            async with asyncio.timeout(None if timeout is None else timeout.total_seconds()):
                await self.handler(event)
        except Exception as error:  # noqa: BLE001 - what a handler raises is its outcome
            await _end_async(found.attempt.unit)
            return error
        except asyncio.CancelledError:
            await _end_async(found.attempt.unit)
            raise
        unit = found.attempt.unit
        try:
            if unit is None:
                await self._in_transaction_async(lambda at: self._deliveries.done(at, found))
            elif unit.awaits:
                await unit.commit_async()
            else:
                unit.commit()
        except Exception as error:  # noqa: BLE001 - as if the handler had raised it
            return error
        return None

    def _failed(self, connection: Connection, found: HandedOver, error: BaseException) -> None:
        outcome = outcome_of(error, found.options.give_up_on)
        if outcome is None:
            logger.info("%s is discarded: %s", found, error)
            self._deliveries.done(connection, found)
        else:
            logger.warning("%s failed: %s", found, outcome.error, exc_info=error)
            self._deliveries.failed(connection, found, outcome)

    def _in_transaction(self, operation: Callable[[Connection], T]) -> T:
        if self._database.is_async:
            return asyncio.run(self._in_loop(operation))
        return self._begun(operation)

    async def _in_transaction_async(self, operation: Callable[[Connection], T]) -> T:
        if not self._database.is_async:
            return self._begun(operation)
        # It needs greenlet, which who has no AsyncEngine need not have.
        from sqlalchemy.util import greenlet_spawn

        return await greenlet_spawn(self._begun, operation)

    async def _in_loop(self, operation: Callable[[Connection], T]) -> T:
        try:
            return await self._in_transaction_async(operation)
        finally:
            await self._database.forget_connections()  # they are of this event loop

    def _begun(self, operation: Callable[[Connection], T]) -> T:
        dialect = dialect_of(self._deliveries.tables, self._database.engine.dialect)
        with self._database.engine.connect() as opened:
            connection = opened.execution_options(**dialect.writing)
            with connection.begin():
                dialect.begin(connection)
                return operation(connection)


def _end(unit: Unit | None) -> None:
    if unit is None:
        return
    try:
        if unit.awaits:
            asyncio.run(unit.roll_back_async())
        else:
            unit.roll_back()
    except Exception as error:  # noqa: BLE001 - the connection is gone, and what was written too
        logger.debug("Cannot roll back: %r", error)


async def _end_async(unit: Unit | None) -> None:
    if unit is None:
        return
    try:
        if unit.awaits:
            await unit.roll_back_async()
        else:
            unit.roll_back()
    except Exception as error:  # noqa: BLE001 - the connection is gone, and what was written too
        logger.debug("Cannot roll back: %r", error)


async def _awaited(awaitable: Any) -> object:  # Any: an awaitable of whatever
    return await awaitable
