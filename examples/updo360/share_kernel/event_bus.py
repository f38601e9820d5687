"""The root of all events, the bus that carries them, and how a handler refuses one."""

from typedbus import Bus, Event


class DomainEvent(Event):
    """Something that happened; its id, correlation id and tenant travel in the envelope."""


class RefusedError(Exception):
    """A handler in the publisher's transaction says no: nothing of it is to stay."""


bus = Bus(DomainEvent, on_error="raise", envelopes=True)
"""Handlers run in the publisher's transaction unless they say otherwise; raising rolls it back."""
