"""Mistakes of the handler: the one that is subscribed, and what it says that it accepts."""

import ast
from typing import Final

from tests.static.kill_rate.drafts import CannotBeMadeError, Draft
from tests.static.kill_rate.kinds import Kinds, demand
from tests.static.kill_rate.places import Defining, Subscribing

subscribing: Final = Kinds[Subscribing]("handler")
defining: Final = Kinds[Defining]("parameter of a handler")


@subscribing.kind("another handler of the program", "event-mismatch")
def swap_handler(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """It would receive events of a class that it does not accept."""
    for handler, accepts in place.others:
        if not draft.world.inherits(place.event, accepts):
            draft.replace(place.node, handler)
            return accepts, place.event
    raise CannotBeMadeError


@subscribing.kind("a function for another class", "event-mismatch")
def subscribe_function_for_another(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """It would receive events of a class that it does not accept."""
    accepted = draft.another(place.bus.root, place.event)
    draft.define(f"def hears(event: {accepted}) -> None: ...")
    draft.replace(place.node, "hears")
    return accepted, place.event


@subscribing.kind("a function for a subclass", "event-mismatch")
def subscribe_function_for_subclass(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """It would receive every event of the class, and accepts some of them."""
    special = draft.subclass(place.event, "Special")
    draft.define(f"def hears(event: {special}) -> None: ...")
    draft.replace(place.node, "hears")
    return special, place.event


@subscribing.kind("a `partial` of a function for another class", "event-mismatch")
def subscribe_partial_for_another(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """It would receive events of a class that it does not accept."""
    accepted = draft.another(place.bus.root, place.event)
    draft.define(f"def hears(event: {accepted}, /, where: str) -> None: ...")
    draft.replace(place.node, f'{draft.importing("functools", "partial")}(hears, where="")')
    return accepted, place.event


@subscribing.kind("an async function where nothing awaits it", "event-async")
def subscribe_async_function(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """The run time refuses it; its body would never run."""
    demand(not place.delivered and not place.awaited)
    draft.define(f"async def hears(event: {draft.name(place.event)}) -> None: ...")
    draft.replace(place.node, "hears")
    return ()


@subscribing.kind("an async function in a delivery that cannot await it")
def deliver_async_function(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """The run time refuses it; its body would never run."""
    demand(place.delivered and not place.awaited)
    draft.define(f"async def hears(event: {draft.name(place.event)}) -> None: ...")
    draft.replace(place.node, "hears")
    return ()


@subscribing.kind("a function that takes `Any`", "event-untyped")
def subscribe_function_for_any(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """Nothing says any more what it accepts."""
    draft.define(f"def hears(event: {draft.importing('typing', 'Any')}) -> None: ...")
    draft.replace(place.node, "hears")
    return ()


@subscribing.kind("something of type `Any`", "event-untyped")
def subscribe_anything(draft: Draft, place: Subscribing) -> tuple[str, ...]:
    """Nothing says any more what it accepts, or whether it can be called."""
    draft.define(f"anything: {draft.importing('typing', 'Any')} = print")
    draft.replace(place.node, "anything")
    return ()


@defining.kind("another class", "event-mismatch", reaches=True)
def swap_parameter(draft: Draft, place: Defining) -> tuple[str, ...]:
    """The handler would receive events of a class that it no longer accepts."""
    event = min(place.hears)
    accepted = draft.another(draft.world.root_of(event), event)
    draft.replace(place.node, accepted)
    return accepted, event


@defining.kind("a subclass", "event-mismatch", reaches=True)
def narrow_parameter(draft: Draft, place: Defining) -> tuple[str, ...]:
    """The handler would receive every event of its class, and accepts some of them."""
    demand(place.accepts in place.hears)
    draft.replace(place.node, draft.subclass(place.accepts, "Special"))
    return "Special", place.accepts


@defining.kind("no annotation", "event-untyped", reaches=True)
def drop_annotation(draft: Draft, place: Defining) -> tuple[str, ...]:
    """Nothing says any more what the handler accepts."""
    draft.drop_annotation(place.parameter, place.node)
    return ()


@defining.kind("`Any`", "event-untyped", reaches=True)
def annotate_with_any(draft: Draft, place: Defining) -> tuple[str, ...]:
    """Nothing says any more what the handler accepts."""
    draft.replace(place.node, draft.importing("typing", "Any"))
    return ()


@defining.kind("`async def` where nothing awaits it", "event-async", reaches=True)
def make_async(draft: Draft, place: Defining) -> tuple[str, ...]:
    """The run time refuses it; its body would never run."""
    demand(not place.awaited and isinstance(place.function, ast.FunctionDef))
    draft.insert(place.function, "async ")
    return ()
