"""Mistakes of the bus: the one that somebody is given, and the root that it is made with."""

import ast
from typing import Final

from tests.static.kill_rate.drafts import Draft
from tests.static.kill_rate.kinds import Kinds, event_name
from tests.static.kill_rate.places import Injecting, Making

injecting: Final = Kinds[Injecting]("bus given to a use case")
making: Final = Kinds[Making]("root of a bus")


@injecting.kind("a bus of another class", "event-mismatch")
def inject_another_bus(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """The use case would publish events that the bus does not carry."""
    root = draft.another(draft.world.root_of(place.wanted.root), place.wanted.root)
    draft.replace(place.node, named_bus(draft, place.bus, root))
    return root, place.wanted.root


@injecting.kind("a bus of another class, made on the spot", "event-mismatch")
def inject_another_bus_on_the_spot(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """The use case would publish events that the bus does not carry."""
    root = draft.another(draft.world.root_of(place.wanted.root), place.wanted.root)
    draft.replace(place.node, f"{draft.importing('typedbus', place.bus)}({root})")
    return root, place.wanted.root


@injecting.kind("a bus of a subclass", "event-mismatch")
def inject_narrow_bus(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """The use case would publish events that the bus does not carry."""
    special = draft.subclass(place.wanted.root, "Special")
    draft.replace(place.node, named_bus(draft, place.bus, special))
    return special, place.wanted.root


@injecting.kind("a bus of a subclass, made on the spot", "event-mismatch")
def inject_narrow_bus_on_the_spot(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """The use case would publish events that the bus does not carry."""
    special = draft.subclass(place.wanted.root, "Special")
    draft.replace(place.node, f"{draft.importing('typedbus', place.bus)}({special})")
    return special, place.wanted.root


@injecting.kind("a bus of another program", "event-mismatch")
def inject_strange_bus(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """The use case would publish events that the bus does not carry."""
    stranger = draft.stranger(draft.world.root_of(place.wanted.root))
    draft.replace(place.node, named_bus(draft, place.bus, stranger))
    return stranger, place.wanted.root


@injecting.kind("the other bus, sync for async or async for sync", "event-async")
def inject_the_other_bus(draft: Draft, place: Injecting) -> tuple[str, ...]:
    """Nobody would await what it publishes, or there is nothing to await."""
    other = "Bus" if place.wanted.awaited else "AsyncBus"
    draft.replace(place.node, named_bus(draft, other, draft.name(place.wanted.root)))
    return ()


def named_bus(draft: Draft, kind: str, root: str) -> str:
    """Add a bus of *root* and return its name."""
    draft.define(f"other_bus = {draft.importing('typedbus', kind)}({root})")
    return "other_bus"


@making.kind("a subclass", reaches=True)
def narrow_root(draft: Draft, place: Making) -> tuple[str, ...]:
    """The bus no longer carries what is subscribed to and published on it."""
    draft.replace(place.node, draft.subclass(place.made.root, "Special"))
    return ("Special",)


@making.kind("a class of another program", reaches=True)
def swap_root(draft: Draft, place: Making) -> tuple[str, ...]:
    """The bus no longer carries what is subscribed to and published on it."""
    stranger = draft.stranger(place.made.root)
    draft.replace(place.node, stranger)
    return (stranger,)


@making.kind("a string", "event-name")
def name_root_by_string(draft: Draft, place: Making) -> tuple[str, ...]:
    """The run time refuses it: no string names an event."""
    draft.replace(place.node, f'"{event_name(place.made.root)}"')
    return ()


@making.kind("an instance")
def give_instance_for_root(draft: Draft, place: Making) -> tuple[str, ...]:
    """The run time refuses it: it is no class."""
    draft.replace(place.node, draft.instance(draft.name(place.made.root)))
    return ()


@making.kind("only as a type argument")
def subscript_bus(draft: Draft, place: Making) -> tuple[str, ...]:
    """The run time refuses it: type arguments are gone by then."""
    rest = ", ".join(map(ast.unparse, place.call.keywords))
    draft.replace(place.call, f"{place.made.what}[{draft.name(place.made.root)}]({rest})")
    return ()


@making.kind("of the other bus, sync for async or async for sync", reaches=True)
def make_the_other_bus(draft: Draft, place: Making) -> tuple[str, ...]:
    """Nobody awaits what it publishes, or there is nothing to await."""
    other = "Bus" if place.made.awaited else "AsyncBus"
    draft.replace(place.call.func, draft.importing("typedbus", other))
    return ()
