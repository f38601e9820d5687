"""Mistakes of the event class: the one that is listened to, and where it comes from."""

from typing import Final

from tests.static.kill_rate.drafts import Draft
from tests.static.kill_rate.kinds import Kinds, demand, event_name, first
from tests.static.kill_rate.places import Deriving, Listening
from tests.static.kill_rate.sources import EVENT, OBJECT

listening: Final = Kinds[Listening]("event class")
deriving: Final = Kinds[Deriving]("base of an event class")


@listening.kind("another class", "event-mismatch")
def swap_event_class(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The handler would receive events of a class that it does not accept."""
    demand(place.accepts not in (None, OBJECT))
    accepts = place.accepts or ""
    swapped = draft.another(place.bus.root, accepts)
    draft.replace(place.node, swapped)
    return accepts, swapped


@listening.kind("a base class", "event-mismatch")
def widen_event_class(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The handler would receive events of the siblings too, which it does not accept."""
    accepts = place.accepts or OBJECT
    base = first(
        cls
        for cls in draft.world.bases(place.event)
        if draft.world.inherits(cls, place.bus.root) and not draft.world.inherits(cls, accepts)
    )
    draft.replace(place.node, draft.name(base))
    return accepts, base


@listening.kind("a class that the bus does not carry", "event-outside")
def leave_the_root(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it; the handler would never be called."""
    stranger = draft.stranger(place.bus.root)
    draft.replace(place.node, stranger)
    return (stranger,)


@listening.kind("a string", "event-name")
def name_event_by_string(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it: no string names an event."""
    draft.replace(place.node, f'"{event_name(place.event)}"')
    return ()


@listening.kind("an instance")
def give_instance_for_class(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it: it is no class."""
    draft.replace(place.node, draft.instance(draft.name(place.event)))
    return ()


@listening.kind("a union", "event-class")
def listen_to_union(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it, although the handler accepts both classes."""
    event = draft.name(place.event)
    draft.replace(place.node, f"{event} | {draft.subclass(place.event, 'Special')}")
    return ()


@listening.kind("a `NewType`", "event-class")
def listen_to_newtype(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it: it is gone by then."""
    # mypy 2.4 ends with INTERNAL ERROR at a NewType of what `dataclass_transform` has made.
    demand(not draft.world.inherits(place.event, EVENT))
    new_type = draft.importing("typing", "NewType")
    draft.define(f'Renamed = {new_type}("Renamed", {draft.name(place.event)})')
    draft.replace(place.node, "Renamed")
    return ()


@listening.kind("a `TypedDict`", "event-class")
def listen_to_typed_dict(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it: it has no instances of its own."""
    draft.define(f"class Payload({draft.importing('typing', 'TypedDict')}): ...")
    draft.replace(place.node, "Payload")
    return ()


@listening.kind("a plain generic with arguments", "event-class")
def listen_to_generic(draft: Draft, place: Listening) -> tuple[str, ...]:
    """The run time refuses it: the arguments are gone by then."""
    demand(not draft.world.inherits(place.event, "pydantic.BaseModel"))
    generic, argument = (draft.importing("typing", each) for each in ("Generic", "AnyStr"))
    draft.define(f"class Changed({draft.name(place.event)}, {generic}[{argument}]): ...")
    draft.replace(place.node, "Changed[str]")
    return ()


@listening.kind("something of type `Any`", "event-untyped")
def listen_to_anything(draft: Draft, place: Listening) -> tuple[str, ...]:
    """Nothing says any more that the handler accepts what it will receive."""
    draft.define(f"anything: {draft.importing('typing', 'Any')} = {draft.name(place.event)}")
    draft.replace(place.node, "anything")
    return ()


@deriving.kind("none of the bus's", reaches=True)
def leave_the_family(draft: Draft, place: Deriving) -> tuple[str, ...]:
    """The bus no longer carries the class, which is subscribed to or published on it."""
    root = draft.world.root_of(place.event)
    draft.replace(place.node, draft.name(first(draft.world.bases(root))))
    return place.event, root
