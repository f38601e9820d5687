"""What one writes without a library: the hand-written loop, and the bus of fifteen lines."""

from collections.abc import Callable
from typing import Any

from benchmarks.workload import Contender, Workload, compile_function

BARE = "the bare loop, inlined"
FUNCTION = "the loop in a function"

LOOP = """\
for handler in handlers:
    handler(event)"""
ASYNC_LOOP = """\
for handler in handlers:
    await handler(event)"""
PUBLISH = """\
def publish(event):
    for handler in handlers:
        handler(event)"""
ASYNC_PUBLISH = """\
async def publish(event):
    for handler in handlers:
        await handler(event)"""


class NaiveBus:
    """A dictionary from class to handlers, and a loop."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], None]]] = {}

    def subscribe(self, event_type: type, handler: Callable[[Any], None]) -> None:
        """Call *handler* with every event whose class is *event_type* itself."""
        self._handlers.setdefault(event_type, []).append(handler)

    def publish(self, event: object) -> None:
        """Call the handlers of the class of *event*."""
        for handler in self._handlers.get(type(event), []):
            handler(event)


class NaiveAsyncBus:
    """A dictionary from class to async handlers, and a loop."""

    def __init__(self) -> None:
        self._handlers: dict[type, list[Callable[[Any], Any]]] = {}

    def subscribe(self, event_type: type, handler: Callable[[Any], Any]) -> None:
        """Await *handler* with every event whose class is *event_type* itself."""
        self._handlers.setdefault(event_type, []).append(handler)

    async def publish(self, event: object) -> None:
        """Await the handlers of the class of *event*."""
        for handler in self._handlers.get(type(event), []):
            await handler(event)


def nothing(workload: Workload) -> Contender:
    """The timing loop itself: what every figure contains."""
    return Contender(name="(the timing loop alone)", statement="pass", workload=workload)


def bare_loop(workload: Workload) -> Contender:
    """Reference (a): the loop stands where the statement stands."""
    return Contender(
        name=BARE, statement=LOOP, workload=workload, names={"handlers": workload.handlers()}
    )


def loop_in_function(workload: Workload) -> Contender:
    """Reference (b): the loop is in a function, as a person would have it."""
    publish = compile_function(PUBLISH, {"handlers": workload.handlers()})
    return Contender(
        name=FUNCTION, statement="publish(event)", workload=workload, names={"publish": publish}
    )


def naive_bus(workload: Workload) -> Contender:
    """The bus of fifteen lines that many projects carry."""
    bus = NaiveBus()
    for handler in workload.handlers():
        bus.subscribe(type(workload.event), handler)
    return Contender(
        name="naive bus (dict, list, loop)",
        statement="bus.publish(event)",
        workload=workload,
        names={"bus": bus},
    )


def bare_async_loop(workload: Workload) -> Contender:
    """Reference (a), awaiting."""
    return Contender(
        name=BARE,
        statement=ASYNC_LOOP,
        workload=workload,
        names={"handlers": workload.async_handlers()},
    )


def async_loop_in_function(workload: Workload) -> Contender:
    """Reference (b), awaiting."""
    publish = compile_function(ASYNC_PUBLISH, {"handlers": workload.async_handlers()})
    return Contender(
        name=FUNCTION,
        statement="await publish(event)",
        workload=workload,
        names={"publish": publish},
    )


def naive_async_bus(workload: Workload) -> Contender:
    """The bus of fifteen lines, awaiting."""
    bus = NaiveAsyncBus()
    for handler in workload.async_handlers():
        bus.subscribe(type(workload.event), handler)
    return Contender(
        name="naive async bus (dict, list, loop)",
        statement="await bus.publish(event)",
        workload=workload,
        names={"bus": bus},
    )
