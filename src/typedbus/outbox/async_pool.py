"""The async pool: a fixed number of coroutines that call async handlers, one after the other."""

from __future__ import annotations

import asyncio
from asyncio import Future, Task
from collections.abc import Callable
from contextvars import Context
from time import monotonic
from typing import Final

from typedbus.core.flows import flow_here
from typedbus.outbox.calling import Lost, Result, Suspended, begin_async, finish
from typedbus.outbox.machine import Machine
from typedbus.outbox.pieces import Kind, Piece
from typedbus.outbox.records import Lease

_TURN: Final = 0.005
"""How long, in seconds, handlers may run that never wait, before others have their turn."""


class AsyncPool:
    """Calls async handlers in tasks that stay: a handler that never waits costs no task at all."""

    def __init__(
        self,
        machine: Machine,
        clean: Context,
        *,
        ended: Callable[[], None],
        lost: Callable[[Lease], None],
    ) -> None:
        self._machine = machine
        self._clean = clean
        self._ended = ended
        self._lost = lost
        self._idle: list[Future[None]] = []
        self._waiting: dict[Task[None], Piece] = {}
        self._closed = False
        self.moved = monotonic()
        """When a handler was called last."""

    def rouse(self) -> None:
        """Let one more coroutine see what there is to do."""
        hands = self._machine.hands
        if hands is not None and hands.may_begin(Kind.ASYNC):
            self._rouse_one()

    def close(self) -> None:
        """Let the coroutines end when what they call has ended."""
        self._closed = True
        while self._idle:
            self._rouse_one()

    def cut_off(self) -> None:
        """Cancel the calls that wait for something."""
        for task in self._waiting:
            task.cancel()

    async def work(self) -> None:
        """Call handlers until the pool is closed: the body of each task."""
        machine, clean, flow = self._machine, self._clean, flow_here()
        turn_ends = monotonic() + _TURN
        while not self._closed:
            now = monotonic()
            if now >= turn_ends:
                await asyncio.sleep(0)
                now = monotonic()
                turn_ends = now + _TURN
            piece = machine.begin(Kind.ASYNC, now)
            if piece is None:
                self._ended()
                await self._rest()
                turn_ends = monotonic() + _TURN
                continue
            self.moved = now
            result = begin_async(piece, clean, flow)
            if result is None:
                machine.end(piece, None, now)
                continue
            if isinstance(result, Suspended):
                result = await self._finish(piece, result)
                turn_ends = monotonic() + _TURN
            self._end(piece, result)

    async def _finish(self, piece: Piece, call: Suspended) -> Result:
        task = asyncio.current_task()
        assert task is not None, "a coroutine runs in a task"
        self._waiting[task] = piece
        self.rouse()
        try:
            return await finish(call)
        finally:
            del self._waiting[task]

    def _end(self, piece: Piece, result: Result) -> None:
        now = self.moved = monotonic()
        if isinstance(result, Lost):
            self._lost(piece.route.desk.lease)
            result = None
        self._machine.end(piece, result, now)
        self._ended()

    async def _rest(self) -> None:
        if not self._closed:
            future = asyncio.get_running_loop().create_future()
            self._idle.append(future)
            await future

    def _rouse_one(self) -> None:
        if self._idle:
            future = self._idle.pop()
            if not future.done():
                future.set_result(None)
