"""Seeded bugs: buses that run several handlers at a time, and bend a rule for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import anyio

from tests.properties.classes import Fact
from tests.properties.scripts import ScriptError
from typedbus import AsyncBus, HandlersFailedError, Subscription
from typedbus.core.policies import OnError


class AtOnce:
    """A bus that is right: workers take one handler after the other."""

    def __init__(self, limit: int, on_error: OnError) -> None:
        self.bus = AsyncBus(Fact)
        self.limit = limit
        self.on_error = on_error
        self.once = set[Subscription]()

    def subscribe(
        self,
        event_type: type[Any],
        handler: Callable[[Any], Awaitable[None] | None],
        /,
        *,
        once: bool = False,
    ) -> Subscription:
        """Call *handler* with every event of that class."""
        subscription = self.bus.subscribe(event_type, handler)
        if once:
            self.once.add(subscription)
        return subscription

    def subscriptions(self, event_type: type[object], /) -> tuple[Subscription, ...]:
        """Return whom an event reaches."""
        return self.bus.subscriptions(event_type)

    async def publish(self, event: Fact, /) -> None:
        """Deliver *event*."""
        waiting = iter(self.order(self.subscriptions(type(event))))
        failed: list[Exception] = []
        async with anyio.create_task_group() as group:
            for _ in range(self.limit):
                group.start_soon(self.work, waiting, event, failed, group.cancel_scope.cancel)
        if failed and self.on_error == "raise":
            raise failed[0]
        if failed:
            raise HandlersFailedError("by hand", self.told(failed))

    async def work(
        self,
        waiting: Iterator[Subscription],
        event: Fact,
        failed: list[Exception],
        cancel: Callable[[], None],
    ) -> None:
        """Call one handler after the other."""
        for subscription in waiting:
            if self.is_over(failed):
                return
            if subscription in self.once:
                if not subscription.active:
                    continue
                subscription.cancel()
            try:
                await self.call(subscription, event)
            except (ScriptError, HandlersFailedError) as error:
                failed.append(error)
                if self.is_over(failed):
                    cancel()

    def order(self, reached: tuple[Subscription, ...]) -> Iterable[Subscription]:
        """Return *reached* in the order in which they are to begin."""
        return reached

    def told(self, failed: list[Exception]) -> list[Exception]:
        """Return those errors that are raised."""
        return failed

    def is_over(self, failed: list[Exception]) -> bool:
        """Say whether an error has ended the delivery."""
        return bool(failed) and self.on_error == "raise"

    async def call(self, subscription: Subscription, event: Fact) -> None:
        """Call a handler."""
        result = subscription.handler(event)
        if result is not None:
            await result


class BeginsWithTheLast(AtOnce):
    """The last that subscribed begins first."""

    def order(self, reached: tuple[Subscription, ...]) -> Iterable[Subscription]:
        return reversed(reached)


class TakesOneMore(AtOnce):
    """One handler more than allowed runs at a time."""

    def __init__(self, limit: int, on_error: OnError) -> None:
        super().__init__(limit + 1, on_error)


class TakesOneByOne(AtOnce):
    """Never do two handlers run at a time."""

    def __init__(self, limit: int, on_error: OnError) -> None:
        super().__init__(1, on_error)


class TellsTheFirst(AtOnce):
    """Only the first of several errors is told."""

    def told(self, failed: list[Exception]) -> list[Exception]:
        return failed[:1]


class GoesOn(AtOnce):
    """Though an error is raised in the end, the other handlers run."""

    def is_over(self, failed: list[Exception]) -> bool:
        return False
