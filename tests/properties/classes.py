"""The event classes of the random programs: a chain, a diamond, mix-ins beside the root."""

from typedbus import Event


class Fact(Event):
    """The root of every bus here."""

    number: int = 0
    """Which publish of a program it is, so that a log tells two events of one class apart."""


class Audited:
    """A mix-in outside of the root: carried because event classes inherit it too."""


class Signed(Audited):
    """A mix-in of a mix-in."""


class Placed(Fact): ...


class Paid(Fact): ...


class Settled(Placed, Paid):
    """The foot of a diamond."""


class Refunded(Paid): ...


class RefundedLate(Refunded): ...


class PlacedAudited(Placed, Audited):
    """The mix-in behind the event class."""


class PaidSigned(Signed, Paid):
    """The mix-ins before the event class."""


class Everything(Settled, PaidSigned):
    """Reached through four base classes, by two ways from most of them."""


class Dropped(Fact): ...


class DroppedLate(Dropped): ...


class DroppedAudited(DroppedLate, Audited): ...


PUBLISHED: tuple[type[Fact], ...] = (
    Fact,
    Placed,
    Paid,
    Settled,
    Refunded,
    RefundedLate,
    PlacedAudited,
    PaidSigned,
    Everything,
    Dropped,
    DroppedLate,
    DroppedAudited,
)
"""What is published; they are many on purpose, a bus may treat a few classes in another way."""

SUBSCRIBED: tuple[type, ...] = (*PUBLISHED, Audited, Signed, Event, object)
"""What is subscribed to: mix-ins and the bases of the root as well."""

LEAVES: tuple[type[Fact], ...] = (Everything, RefundedLate, PlacedAudited, DroppedAudited)
"""From these, every class is reached."""

BASES: tuple[tuple[type, ...], ...] = (
    (Fact,),
    (Everything,),
    (Placed, Dropped),
    (Audited, Refunded),
    (DroppedAudited, Settled),
)
"""What a class that is defined while the program runs may inherit."""


def define(bases: tuple[type, ...]) -> type[Fact]:
    """Return a new event class."""
    made: type[Fact] = type("Late", bases, {"__module__": __name__})
    return made
