"""What a handler of a random program does when it is called, as data, and how to draw it."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from hypothesis import strategies as st

from tests.properties.classes import (
    PUBLISHED,
    SUBSCRIBED,
    Everything,
    Fact,
    Paid,
    PaidSigned,
    Placed,
    Settled,
)
from typedbus import Decision, Failure
from typedbus.core.policies import OnError

MOST_SUBSCRIPTIONS = 24
"""So many subscriptions a program makes at most, or handlers that subscribe would never end."""

MOST_NESTED = 10
"""So many publishes happen inside of one at most, or handlers that publish would never end."""


class ScriptError(Exception):
    """A handler failed because its script says so; it tells which handler, on which event."""


class ScriptStop(BaseException):
    """A handler raised what is no failure, as `KeyboardInterrupt` is none."""


class Shape(Enum):
    """What kind of callable a handler is."""

    PLAIN = auto()
    """A sync function on either bus; so it does not publish."""
    FUNCTION = auto()
    METHOD = auto()
    """A bound method: Python makes a new object each time one asks for it."""
    OBJECT = auto()
    """An object with `__call__`."""
    RETURNING = auto()
    """On an `AsyncBus`: a sync function that returns an awaitable."""


@dataclass(frozen=True)
class Publish:
    """Publish an event, and let its failure pass or catch it."""

    event_type: type[Fact]
    caught: bool


@dataclass(frozen=True)
class Cancel:
    """Cancel a subscription, by its number; None is the handler's own."""

    number: int | None


@dataclass(frozen=True)
class Subscribe:
    """Subscribe a new handler."""

    request: "Request"


Act: TypeAlias = Publish | Cancel | Subscribe


class End(Enum):
    """How a handler ends."""

    RETURN = auto()
    FAIL = auto()
    STOP = auto()
    """It raises what is not an `Exception`."""


@dataclass(frozen=True)
class Script:
    """A handler: it writes into the log that it was called, does *acts* in order, and ends."""

    shape: Shape
    acts: tuple[Act, ...]
    end: End


@dataclass(frozen=True)
class Options:
    """How something is subscribed."""

    once: bool = False
    on_error: OnError | None = None


@dataclass(frozen=True)
class Request:
    """What is asked of `subscribe`."""

    event_type: type
    script: Script
    options: Options


def ignore(failure: Failure) -> Decision:
    """Go on."""
    return Decision.IGNORE


def turn(failure: Failure) -> Decision:
    """Decide each time in another way, by the event."""
    decisions = list(Decision)
    assert isinstance(failure.event, Fact)
    return decisions[failure.event.number % len(decisions)]


POLICIES: tuple[OnError, ...] = ("collect", "raise", "log", ignore, turn)

# The broader a class, the more of what is published reaches those who subscribed to it.
published = st.sampled_from((*PUBLISHED, Everything, Everything, PaidSigned, Settled))
subscribed = st.sampled_from((*SUBSCRIBED, Fact, Fact, Paid, Placed, object))
policies = st.sampled_from(("collect", "raise", "collect", "log", ignore, turn))

_shapes = st.sampled_from(Shape)
_acts = st.lists(st.sampled_from((Publish, Cancel, Subscribe)), max_size=2)
_ends = st.sampled_from((*8 * (End.RETURN, End.FAIL), End.STOP))
_numbers = st.sampled_from((*4 * (None,), *range(MOST_SUBSCRIPTIONS)))
_own_policies = st.sampled_from((*7 * (None,), *POLICIES))
_seldom = st.sampled_from((False, False, True))


# Drawn step by step, as `builds` takes long to print a program that has many parts in each other.
@st.composite
def options(draw: st.DrawFn) -> Options:
    """Draw how something is subscribed."""
    return _options(draw)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """Draw a handler."""
    return _script(draw, subscribes=True)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Draw what is asked of `subscribe`."""
    return _request(draw, subscribes=True)


def _request(draw: st.DrawFn, *, subscribes: bool) -> Request:
    return Request(draw(subscribed), _script(draw, subscribes=subscribes), _options(draw))


def _options(draw: st.DrawFn) -> Options:
    return Options(once=draw(_seldom), on_error=draw(_own_policies))


def _script(draw: st.DrawFn, *, subscribes: bool) -> Script:
    shape = draw(_shapes)
    acts: list[Act] = []
    for act in draw(_acts):
        if act is Cancel:
            acts.append(Cancel(draw(_numbers)))
        elif act is Publish and shape is not Shape.PLAIN:
            acts.append(Publish(draw(published), draw(st.booleans())))
        elif act is Subscribe and subscribes:
            acts.append(Subscribe(_request(draw, subscribes=False)))
    return Script(shape, tuple(acts), draw(_ends))
