"""Mistakes of whoever publishes: the event, and the publisher that is asked for."""

import ast
from typing import Final

from tests.static.kill_rate.drafts import CannotBeMadeError, Draft
from tests.static.kill_rate.kinds import Kinds, demand, event_name, first
from tests.static.kill_rate.places import Asking, Publishing

publishing: Final = Kinds[Publishing]("published")
asking: Final = Kinds[Asking]("publisher that a use case takes")


@publishing.kind("an event of another class", "event-outside")
def publish_another(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """Whoever publishes here has promised to publish other events."""
    demand(place.publisher.what.endswith("Publisher"))
    root = draft.world.root_of(place.publisher.root)
    event = draft.another(root, place.publisher.root)
    draft.replace(place.node, draft.instance(event))
    return event, place.publisher.root


@publishing.kind("an event of the base class")
def publish_base(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """It is none of the events that are carried here."""
    base = first(draft.world.bases(place.publisher.root))
    draft.replace(place.node, draft.instance(draft.name(base)))
    return base, place.publisher.root


@publishing.kind("an event that the bus does not carry", "event-outside")
def publish_stranger(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """The run time refuses it."""
    root = draft.world.root_of(place.publisher.root)
    stranger = draft.stranger(root)
    draft.replace(place.node, draft.instance(stranger))
    return stranger, place.publisher.root


@publishing.kind("the class instead of an instance", "event-class")
def publish_class(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """The run time refuses it."""
    match place.node:
        case ast.Call(func=ast.Name(id=called)):
            draft.replace(place.node, called)
        case _:
            draft.replace(place.node, draft.name(place.publisher.root))
    return ()


@publishing.kind("a string", "event-name")
def publish_string(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """The run time refuses it: no string names an event."""
    draft.replace(place.node, f'"{event_name(place.publisher.root)}"')
    return ()


@publishing.kind("None")
def publish_nothing(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """The run time refuses it: it is no event."""
    draft.replace(place.node, "None")
    return ()


@publishing.kind("something of type `Any`", "event-untyped")
def publish_anything(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """Nothing says any more that the bus carries it."""
    draft.define(f"anything: {draft.importing('typing', 'Any')} = object()")
    draft.replace(place.node, "anything")
    return ()


@publishing.kind("without `await`")
def forget_await(draft: Draft, place: Publishing) -> tuple[str, ...]:
    """Nothing is published: the coroutine never runs."""
    call = place.call
    match draft.module.parents[call]:
        case ast.Await() as awaiting if place.publisher.awaited:
            draft.delete((awaiting.lineno, awaiting.col_offset), (call.lineno, call.col_offset))
        case _:
            raise CannotBeMadeError
    return ()


@asking.kind("of another class", "event-outside")
def ask_for_another(draft: Draft, place: Asking) -> tuple[str, ...]:
    """What is published is not what the parameter says."""
    event = draft.another(draft.world.root_of(place.wanted.root), place.wanted.root)
    draft.replace(place.node, f"{place.wanted.what}[{event}]")
    return event, place.wanted.root


@asking.kind("of a subclass")
def ask_for_less(draft: Draft, place: Asking) -> tuple[str, ...]:
    """More is published than the parameter says."""
    special = draft.subclass(place.wanted.root, "Special")
    draft.replace(place.node, f"{place.wanted.what}[{special}]")
    return special, place.wanted.root


@asking.kind("no annotation")
def ask_for_no_matter_what(draft: Draft, place: Asking) -> tuple[str, ...]:
    """Nothing says any more what is published."""
    draft.drop_annotation(place.parameter, place.node)
    return ()


@asking.kind("no type argument")
def ask_for_any_publisher(draft: Draft, place: Asking) -> tuple[str, ...]:
    """Nothing says any more what is published."""
    draft.replace(place.node, place.wanted.what)
    return ()


@asking.kind("of `Any`", "event-untyped")
def ask_for_publisher_of_any(draft: Draft, place: Asking) -> tuple[str, ...]:
    """Nothing says any more what is published."""
    draft.replace(place.node, f"{place.wanted.what}[{draft.importing('typing', 'Any')}]")
    return ()


@asking.kind("the other one, sync for async or async for sync", "event-async", reaches=True)
def ask_for_the_other(draft: Draft, place: Asking) -> tuple[str, ...]:
    """Nobody awaits what it publishes, or there is nothing to await."""
    other = draft.importing("typedbus", "Publisher" if place.wanted.awaited else "AsyncPublisher")
    draft.replace(place.node, f"{other}[{draft.name(place.wanted.root)}]")
    return ()
