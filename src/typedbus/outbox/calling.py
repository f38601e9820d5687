"""Calling: one call of a durable handler, and its transaction if it asks for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import Context
from types import CoroutineType
from typing import Any, Final, TypeAlias

from typedbus.core.attempts import is_awaitable, refuse_generator
from typedbus.core.callables import AnyHandler
from typedbus.core.codec import decode, prepare
from typedbus.core.envelope import Envelope, arrives
from typedbus.core.errors import BrokerAwayError, CodecError, LeaseLostError, StoreAwayError
from typedbus.core.flows import Flow
from typedbus.core.messages import Message, kept_envelope, parse_headers
from typedbus.core.steps import Steps
from typedbus.outbox.attempts import Attempt, Unit, current
from typedbus.outbox.outcomes import (
    LEFT,
    Outcome,
    away,
    outcome_of,
    timed_out,
    unreadable,
)
from typedbus.outbox.pieces import Piece
from typedbus.outbox.records import Stored

logger: Final = logging.getLogger("typedbus")


class Lost:
    """What comes of a call under a lease that is lost: nothing."""


LOST: Final = Lost()
Result: TypeAlias = Outcome | Lost | None
"""What came of a call; None if its event is done for the handler."""


class Suspended:
    """A call that has begun, and waits for something."""

    __slots__ = ("attempt", "context", "error", "piece", "steps")

    def __init__(
        self,
        piece: Piece,
        attempt: Attempt,
        context: Context,
        steps: Steps[Any] | None,
        error: BaseException | None = None,
    ) -> None:
        self.piece: Final = piece
        self.attempt: Final = attempt
        self.context: Final = context
        self.steps: Final = steps
        """What is left of it; None if only its transaction is to be ended."""
        self.error: Final = error
        """What it raised already."""


def warm_up(classes: Iterable[type]) -> None:
    """Do beforehand what the first event of each of *classes*, and of their subclasses, costs.

    A relay that stands by has the time for it, and is quick when it takes over.
    """
    for cls in classes:
        with suppress(CodecError):
            prepare(cls)
        warm_up(type.__subclasses__(cls))


def begin_async(piece: Piece, clean: Context, flow: Flow) -> Result | Suspended:
    """Call the async handler of *piece*, in a copy of *clean*, as far as it comes at once.

    *flow* is the one that runs here.
    """
    route = piece.route
    try:
        event = event_of(piece)
    except CodecError as error:
        return unreadable(error)
    attempt = piece.attempt()
    attempt.flow = flow
    context = clean.copy()
    try:
        begun = context.run(_begin, route.handler, event, attempt)
    except BaseException as error:  # noqa: BLE001 - what a handler raises is its outcome
        if attempt.unit is not None:
            return Suspended(piece, attempt, context, None, error)
        return result_of(error, piece)
    if begun is None:
        return None if attempt.unit is None else Suspended(piece, attempt, context, None)
    return Suspended(piece, attempt, context, Steps(context, *begun))


async def finish(call: Suspended) -> Result:
    """Wait until *call* is done; it is cancelled when it takes longer than it may."""
    piece = call.piece
    seconds = piece.route.seconds
    task = asyncio.current_task()
    assert task is not None, "a coroutine runs in a task"
    cancelled = task.cancelling()
    error = call.error
    limit = asyncio.timeout(seconds)
    late = False
    if call.steps is not None:
        try:
            async with limit:
                await call.steps
        except BaseException as raised:  # noqa: BLE001 - what a handler raises is its outcome
            error = raised
        # A handler that goes on in spite of it was cut off all the same.
        late = limit.expired()
    left = task.cancelling() > cancelled
    unit = call.attempt.unit
    if error is None and not late and not left:
        return await _commit_async(unit, piece, call.context)
    if unit is not None:
        await _roll_back_async(unit, call.context)
    if left:
        return LEFT
    if late:
        return timed_out(seconds or 0, error)
    assert error is not None, "what is neither late nor left has raised"
    return result_of(error, piece)


def call_sync(piece: Piece, clean: Context, may_commit: Callable[[], bool]) -> Result:
    """Call the handler of *piece* in this thread; *may_commit* is asked before its unit commits."""
    if piece.route.carrier is not None:
        return _send(piece)
    try:
        event = event_of(piece)
    except CodecError as error:
        return unreadable(error)
    attempt = piece.attempt()
    context = clean.copy()
    try:
        context.run(_call, piece.route.handler, event, attempt)
    except BaseException as error:  # noqa: BLE001 - what a handler raises is its outcome
        if attempt.unit is not None:
            context.run(_roll_back, attempt.unit)
        return result_of(error, piece)
    unit = attempt.unit
    if unit is None:
        return None
    if not may_commit():
        context.run(_roll_back, unit)
        return LEFT
    try:
        context.run(_end_sync, unit)
    except BaseException as error:  # noqa: BLE001 - see above
        return result_of(error, piece)
    return None


def event_of(piece: Piece) -> object:
    """Return the event itself, read once for all handlers that it is owed to."""
    shared = piece.shared
    if shared is None:
        return decode(piece.route.cls, piece.stored.body)
    if shared.event is None:
        shared.event = decode(piece.route.cls, piece.stored.body)
    return shared.event


def result_of(error: BaseException, piece: Piece) -> Result:
    """Return what comes of a call that raised *error*."""
    if isinstance(error, LeaseLostError):
        return LOST
    if isinstance(error, StoreAwayError):
        return away(error)
    outcome = outcome_of(error, piece.route.durable.options.give_up_on)
    if outcome is None:
        logger.info("%s is discarded: %s", piece, error)
    return outcome


def _begin(
    handler: AnyHandler, event: object, attempt: Attempt
) -> tuple[Coroutine[Any, Any, Any], object] | None:
    """Call *handler*, and return what is to be awaited of it, and what that waits for."""
    arrives(event, attempt.stored, _read)
    current.set(attempt)
    coroutine = handler(event)
    if type(coroutine) is not CoroutineType:
        if coroutine is None:
            return None
        refuse_generator(coroutine, handler)
        if not is_awaitable(coroutine):
            return None
        coroutine = _awaiting(coroutine)
    try:
        wanted = coroutine.send(None)
    except StopIteration:
        return None
    return coroutine, wanted


def _call(handler: AnyHandler, event: object, attempt: Attempt) -> None:
    arrives(event, attempt.stored, _read)
    current.set(attempt)
    attempt.runs_here()
    result = handler(event)
    if result is None:
        return
    refuse_generator(result, handler)
    if is_awaitable(result):
        asyncio.run(_going_on(attempt, result))  # a loop of its own: this thread has none


def _read(event: object, stored: Stored) -> Envelope[object]:
    return kept_envelope(event, stored.headers)


def _send(piece: Piece) -> Result:
    carrier = piece.route.carrier
    assert carrier is not None, "it is sent by one"
    stored = piece.stored
    # By the name that it has now: whoever is called by it knows its former ones.
    name = piece.route.durable.handler_name
    try:
        carrier.send(Message(stored.body, parse_headers(stored.headers)), name)
    except BrokerAwayError as error:
        return away(error)
    except BaseException as error:  # noqa: BLE001 - of a carrier, that may not know what to raise
        return outcome_of(error, piece.route.durable.options.give_up_on)
    return None


async def _commit_async(unit: Unit | None, piece: Piece, context: Context) -> Result:
    if unit is None:
        return None
    try:
        # False says that it was done before: then it is done.
        if unit.awaits:
            await Steps(context, unit.commit_async())
        else:
            context.run(unit.commit)
    except asyncio.CancelledError:
        return LEFT
    except BaseException as error:  # noqa: BLE001 - as if the handler had raised it
        return result_of(error, piece)
    return None


async def _roll_back_async(unit: Unit, context: Context) -> None:
    try:
        if unit.awaits:
            await Steps(context, unit.roll_back_async())
        else:
            context.run(unit.roll_back)
    except Exception:  # noqa: BLE001 - the connection is gone, and so is what was written
        return


def _roll_back(unit: Unit) -> None:
    try:
        if unit.awaits:
            asyncio.run(unit.roll_back_async())
        else:
            unit.roll_back()
    except Exception:  # noqa: BLE001 - the connection is gone, and so is what was written
        return


def _end_sync(unit: Unit) -> None:
    if unit.awaits:
        asyncio.run(_awaiting(unit.commit_async()))
    else:
        unit.commit()


async def _going_on(attempt: Attempt, awaitable: Awaitable[object]) -> None:
    attempt.runs_here()
    await awaitable


async def _awaiting(awaitable: Awaitable[object]) -> None:
    await awaitable
