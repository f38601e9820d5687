"""Who performs the scripts: without waiting, on the model or a `Bus`; and on an `AsyncBus`."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import anyio
import anyio.lowlevel

from tests.properties.classes import Fact
from tests.properties.scripts import Script, ScriptError, Shape
from tests.properties.worlds import Actor, Registers, World
from typedbus import HandlersFailedError


class Publishes(Registers, Protocol):
    """A bus that does not wait."""

    def publish(self, event: Any, /) -> None: ...


class PublishesAsync(Registers, Protocol):
    """A bus that is awaited."""

    async def publish(self, event: Any, /) -> None: ...


class SyncWorld(World):
    """A bus that does not wait: the model's or a `Bus`."""

    def __init__(self, bus: Publishes) -> None:
        super().__init__(bus)
        self.bus = bus

    def actor(self, number: int, script: Script) -> Actor:
        return SyncActor(self, number, script)

    def run(self, event: Fact) -> None:
        self.bus.publish(event)


class AsyncWorld(World):
    """A bus that is awaited, under an event loop of its own for each publish."""

    def __init__(self, bus: PublishesAsync, loop: str) -> None:
        super().__init__(bus)
        self.bus = bus
        self.loop = loop

    def actor(self, number: int, script: Script) -> Actor:
        return AsyncActor(self, number, script)

    def run(self, event: Fact) -> None:
        anyio.run(self.bus.publish, event, backend=self.loop)


class SyncActor:
    """Performs a script without waiting."""

    def __init__(self, world: SyncWorld, number: int, script: Script) -> None:
        def function(event: Fact) -> None:
            self.handle(event)

        self._world = world
        self._number = number
        self._script = script
        self._function = function

    def handler(self) -> Callable[[Fact], None]:
        """Return what is subscribed."""
        match self._script.shape:
            case Shape.METHOD:
                return self.handle
            case Shape.OBJECT:
                return self
            case Shape.PLAIN | Shape.FUNCTION | Shape.RETURNING:
                return self._function

    def handle(self, event: Fact) -> None:
        for nested in self._world.perform(self._number, self._script, event):
            try:
                self._world.bus.publish(nested.event)
            except (ScriptError, HandlersFailedError):
                if not nested.caught:
                    raise

    def __call__(self, event: Fact) -> None:
        self.handle(event)


class AsyncActor:
    """Performs a script, and lets the event loop run something else before each step."""

    def __init__(self, world: AsyncWorld, number: int, script: Script) -> None:
        async def function(event: Fact) -> None:
            await self.handle(event)

        def plain(event: Fact) -> None:
            assert not list(world.perform(number, script, event))

        def returning(event: Fact) -> Awaitable[None]:
            return self.handle(event)

        self._world = world
        self._number = number
        self._script = script
        self._functions = {
            Shape.PLAIN: plain,
            Shape.FUNCTION: function,
            Shape.RETURNING: returning,
        }

    def handler(self) -> Callable[[Fact], Awaitable[None] | None]:
        """Return what is subscribed."""
        match self._script.shape:
            case Shape.METHOD:
                return self.handle
            case Shape.OBJECT:
                return self
            case shape:
                return self._functions[shape]

    async def handle(self, event: Fact) -> None:
        for nested in self._world.perform(self._number, self._script, event):
            await anyio.lowlevel.checkpoint()
            try:
                await self._world.bus.publish(nested.event)
            except (ScriptError, HandlersFailedError):
                if not nested.caught:
                    raise
        await anyio.lowlevel.checkpoint()

    async def __call__(self, event: Fact) -> None:
        await self.handle(event)
