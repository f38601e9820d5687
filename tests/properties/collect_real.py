"""The same programs, run by `collect()` on a `Bus` or an `AsyncBus`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol, TypeAlias

import anyio
import anyio.lowlevel

from tests.properties.classes import Fact, Paid, Placed
from tests.properties.collect_programs import (
    Attempt,
    Body,
    Drop,
    Plan,
    Program,
    Publish,
    Release,
    Scope,
)
from tests.properties.scripts import ScriptError
from tests.properties.worlds import told
from typedbus import AsyncBus, Bus, HandlersFailedError, collect, collected


class Pending(Protocol):
    """What `with collect()` or `async with collect()` gives."""

    def __len__(self) -> int: ...
    def release(self) -> Awaitable[None] | None: ...
    def drop(self) -> None: ...


Chain: TypeAlias = tuple[Pending, ...]
"""The scopes around a place, the innermost last."""


class Real:
    """Runs a program; the log tells what happened."""

    def __init__(self, program: Program) -> None:
        self.plans = program.plans
        self.log: list[object] = []
        self.published = 0

    async def publish(self, event: Fact) -> None:
        """Publish on the bus."""
        raise NotImplementedError

    async def attempt(self, body: Body, chain: Chain = ()) -> None:
        """Run *body* and take down what it raises."""
        try:
            await self.run(body, chain)
        except (ScriptError, HandlersFailedError) as error:
            self.log.append(told(error))

    async def run(self, body: Body, chain: Chain) -> None:
        """Run *body*, the scopes of *chain* being around it."""
        for statement in body:
            match statement:
                case Publish(event_type):
                    self.log.append([len(pending) for pending in chain])
                    await self.publish(self.event(event_type))
                case Attempt(inner):
                    await self.attempt(inner, chain)
                case Release(outwards):
                    for pending in chain[::-1][outwards : outwards + 1]:
                        if (released := pending.release()) is not None:
                            await released
                case Drop(outwards):
                    for pending in chain[::-1][outwards : outwards + 1]:
                        pending.drop()
                case Scope(True, inner, fails):
                    async with collect() as awaited:
                        await self.run_scope(inner, (*chain, awaited), fails=fails)
                case Scope(_, inner, fails):
                    with collect() as plain:
                        await self.run_scope(inner, (*chain, plain), fails=fails)

    async def run_scope(self, body: Body, chain: Chain, *, fails: bool) -> None:
        """Do what is done inside of a scope."""
        await self.run(body, chain)
        if fails:
            raise ScriptError("in a scope")

    def event(self, event_type: type[Fact]) -> Fact:
        """Return a new event."""
        self.published += 1
        return event_type(number=self.published)

    def nested(self, number: int, event: Fact) -> Fact | None:
        """Begin a handler's call; return the event that it publishes, if it does."""
        self.log.append((number, event))
        publishes = self.plans[number].publishes and type(event) is Placed
        return self.event(Paid) if publishes else None

    def end(self, number: int) -> None:
        """End a handler's call."""
        if self.plans[number].fails:
            raise ScriptError(number)


class SyncReal(Real):
    """A program on a `Bus`."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.bus = Bus(Fact)
        for number, plan in enumerate(program.plans):
            handler = partial(self.handle, number)
            self.bus.subscribe(plan.event_type, collected(handler) if plan.collected else handler)

    def handle(self, number: int, event: Fact) -> None:
        nested = self.nested(number, event)
        if nested is not None:
            self.bus.publish(nested)
        self.end(number)

    async def publish(self, event: Fact) -> None:
        self.bus.publish(event)


class AsyncReal(Real):
    """A program on an `AsyncBus`."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.bus = AsyncBus(Fact)
        for number, plan in enumerate(program.plans):
            handler = self.handler(number, plan)
            self.bus.subscribe(plan.event_type, collected(handler) if plan.collected else handler)

    def handler(self, number: int, plan: Plan) -> Callable[[Any], Awaitable[None] | None]:
        """Return what is subscribed."""
        return partial(self.handle_awaited if plan.awaited else self.handle, number)

    async def handle_awaited(self, number: int, event: Fact) -> None:
        nested = self.nested(number, event)
        await anyio.lowlevel.checkpoint()
        if nested is not None:
            await self.bus.publish(nested)
        self.end(number)

    def handle(self, number: int, event: Fact) -> None:
        assert self.nested(number, event) is None
        self.end(number)

    async def publish(self, event: Fact) -> None:
        await self.bus.publish(event)


def log_of(program: Program) -> list[object]:
    """Return what happens on a `Bus`, without an event loop: nothing in it waits."""
    real = SyncReal(program)
    running = real.attempt(program.body)
    try:
        running.send(None)
    except StopIteration:
        return real.log
    raise AssertionError("something waited")


def log_of_async(program: Program, loop: str) -> list[object]:
    """Return what happens on an `AsyncBus`."""
    real = AsyncReal(program)
    anyio.run(real.attempt, program.body, backend=loop)
    return real.log
