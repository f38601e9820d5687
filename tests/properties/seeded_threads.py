"""Seeded bugs: buses that are right in one thread and wrong in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from time import sleep
from typing import Any

from tests.properties.classes import Fact


def elsewhere() -> None:
    """Let another thread go on just here, so that what may go wrong does."""
    sleep(0)


@dataclass(eq=False)
class Handle:
    """A subscription."""

    bus: Locked
    event_type: type
    handler: Callable[[Any], None]
    once: bool
    called: bool = False

    def cancel(self) -> None:
        """Call it no more."""
        self.bus.remove(self)


class Locked:
    """A bus that is right: changes and routes are made one at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.handles: list[Handle] = []
        self.routes: dict[type, Iterable[Handle]] = {}

    def subscribe(
        self, event_type: type[Any], handler: Callable[[Any], None], /, *, once: bool = False
    ) -> Handle:
        """Call *handler* with every event of that class."""
        handle = Handle(self, event_type, handler, once)
        self.add(handle)
        return handle

    def publish(self, event: Fact, /) -> None:
        """Deliver *event*."""
        for handle in self.route(type(event)):
            if handle.once:
                if not self.takes(handle):
                    continue
                handle.cancel()
            handle.handler(event)

    def add(self, handle: Handle) -> None:
        """Put *handle* behind all others."""
        with self.lock:
            self.handles = [*self.handles, handle]
            self.routes.clear()

    def remove(self, handle: Handle) -> None:
        """Take *handle* out."""
        with self.lock:
            self.handles = [each for each in self.handles if each is not handle]
            self.routes.clear()

    def route(self, event_type: type) -> Iterable[Handle]:
        """Return whom an event reaches."""
        with self.lock:
            if event_type not in self.routes:
                self.routes[event_type] = list(self.reached(event_type))
            return self.routes[event_type]

    def reached(self, event_type: type) -> Iterator[Handle]:
        """Look for whom an event reaches."""
        return (each for each in self.handles if issubclass(event_type, each.event_type))

    def takes(self, handle: Handle) -> bool:
        """Say whether this is the first who calls what is for one call."""
        with self.lock:
            called, handle.called = handle.called, True
            return not called


class LosesChanges(Locked):
    """Of two changes that are made at the same time, one is lost."""

    def add(self, handle: Handle) -> None:
        handles = [*self.handles, handle]
        elsewhere()
        self.handles = handles
        self.routes.clear()


class KeepsStaleRoutes(Locked):
    """A change that is made while a route is looked for is not seen, now or later."""

    def route(self, event_type: type) -> Iterable[Handle]:
        if event_type not in self.routes:
            found = list(self.reached(event_type))
            elsewhere()
            self.routes[event_type] = found
        return self.routes.get(event_type, ())


class PassesOver(Locked):
    """Somebody is passed over if another thread cancels who stands before."""

    def remove(self, handle: Handle) -> None:
        with self.lock:
            self.handles.remove(handle)

    def route(self, event_type: type) -> Iterator[Handle]:
        for handle in self.reached(event_type):
            yield handle
            elsewhere()


class CallsTwice(Locked):
    """What is for one call is called by two threads."""

    def takes(self, handle: Handle) -> bool:
        called = handle.called
        elsewhere()
        handle.called = True
        return not called
