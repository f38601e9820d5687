"""The class of the events that the simulation publishes."""

from typedbus import Event, event


@event(name="dsim.fact")
class Fact(Event):
    """Something happened."""
