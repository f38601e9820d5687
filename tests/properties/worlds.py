"""A bus with scripted handlers on it and a log of what they did, all but who waits for whom."""

import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol, TypeAlias

from tests.properties.classes import Fact
from tests.properties.scripts import (
    MOST_NESTED,
    MOST_SUBSCRIPTIONS,
    Cancel,
    End,
    Options,
    Publish,
    Script,
    ScriptError,
    ScriptStop,
    Subscribe,
)
from typedbus import HandlersFailedError, errors
from typedbus.core.policies import OnError

Raised: TypeAlias = tuple[object, ...] | None
"""An error as both sides can tell it: its text or, for a group, its errors; how many notes."""


class Listed(Protocol):
    """A subscription, as far as the programs use it."""

    @property
    def active(self) -> bool: ...
    def cancel(self) -> None: ...


class Registers(Protocol):
    """A bus, as far as it does not matter whether it awaits."""

    def subscribe(
        self,
        event_type: type[Any],
        handler: Callable[[Any], Any],
        /,
        *,
        once: bool,
        on_error: OnError | None,
    ) -> Listed: ...
    def subscriptions(self, event_type: type, /) -> tuple[Listed, ...]: ...


class Nested(NamedTuple):
    """An event to be published by the handler that is running."""

    event: Fact
    caught: bool


class World:
    """A bus, the handlers on it, and the log of what happened to them."""

    def __init__(self, bus: Registers) -> None:
        self.registers = bus
        self.log: list[object] = []
        self.actors: list[Actor] = []
        self.made: list[Listed] = []
        self.published = 0
        self.nested_left = 0

    def actor(self, number: int, script: Script) -> "Actor":
        """Return what performs *script* on this bus."""
        raise NotImplementedError

    def run(self, event: Fact) -> None:
        """Publish *event* and wait for its end."""
        raise NotImplementedError

    def subscribe(self, event_type: type, script: Script, options: Options) -> None:
        """Subscribe a new handler."""
        if len(self.made) < MOST_SUBSCRIPTIONS:
            self.actors.append(self.actor(len(self.made), script))
            self.subscribe_again(event_type, len(self.actors) - 1, options)

    def subscribe_again(self, event_type: type, actor: int, options: Options) -> None:
        """Subscribe a handler that may be subscribed already."""
        if len(self.made) < MOST_SUBSCRIPTIONS:
            handler = self.actors[actor % len(self.actors)].handler()
            subscription = self.registers.subscribe(
                event_type, handler, once=options.once, on_error=options.on_error
            )
            self.made.append(subscription)

    def cancel(self, number: int) -> None:
        """Cancel one of the subscriptions that were made, perhaps once more."""
        self.made[number % len(self.made)].cancel()

    def listening(self, event_type: type) -> list[int]:
        """Return the numbers of those whom an event of *event_type* reaches, in their order."""
        return [self.made.index(each) for each in self.registers.subscriptions(event_type)]

    def active(self) -> list[int]:
        """Return the numbers of those that are not cancelled."""
        return [number for number, each in enumerate(self.made) if each.active]

    def publish(self, event_type: type[Fact]) -> Raised:
        """Publish a new event and return what that raised."""
        self.nested_left = MOST_NESTED
        try:
            self.run(self._event(event_type))
        except (ScriptError, ScriptStop, HandlersFailedError) as error:
            return told(error)
        return None

    def logged(self, error: BaseException) -> None:
        """Take down that a policy had *error* logged."""
        self.log.append(("logged", told(error)))

    def perform(self, number: int, script: Script, event: Fact) -> Iterator[Nested]:
        """Do what *script* says, but yield what is to be published: who can wait differs."""
        self.log.append((number, event))
        for act in script.acts:
            match act:
                case Publish(event_type, caught):
                    if self.nested_left:
                        self.nested_left -= 1
                        yield Nested(self._event(event_type), caught)
                case Cancel(other):
                    self.cancel(number if other is None else other)
                case Subscribe(request):
                    self.subscribe(request.event_type, request.script, request.options)
        match script.end:
            case End.RETURN:
                pass
            case End.FAIL:
                raise ScriptError(number, event)
            case End.STOP:
                raise ScriptStop(number, event)

    def _event(self, event_type: type[Fact]) -> Fact:
        self.published += 1
        return event_type(number=self.published)


class Actor(Protocol):
    """Whoever performs a script."""

    def handler(self) -> Callable[[Any], Any]:
        """Return what is subscribed."""
        ...


class LogReader(logging.Handler):
    """Hands what the logger "typedbus" is told to the worlds that want it."""

    def __init__(self) -> None:
        super().__init__()
        self.worlds: list[World] = []

    def emit(self, record: logging.LogRecord) -> None:
        assert record.exc_info
        assert record.exc_info[1]
        for world in self.worlds:
            world.logged(record.exc_info[1])


def told(error: BaseException) -> Raised:
    """Return *error* in a form in which the model's and the bus's can be compared."""
    notes = len(getattr(error, "__notes__", ()))
    match error:
        case HandlersFailedError():
            return (tuple(told(each) for each in error.exceptions), notes)
        case errors.AsyncHandlerError():
            return (type(error).__name__, notes)  # what it says is tested elsewhere
        case Exception():
            return (repr(error), notes)
        case _:
            return (repr(error),)  # a bus may note on it what failed before
