"""Random programs of scopes, publishes and errors, and how to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

from tests.properties.classes import Fact, Paid, Placed


@dataclass(frozen=True)
class Plan:
    """A handler: is it collected, is it async, and what it does."""

    event_type: type[Fact]
    collected: bool
    awaited: bool
    publishes: bool
    """Being called with `Placed`, it publishes `Paid`."""
    fails: bool


@dataclass(frozen=True)
class Publish:
    """Publish an event."""

    event_type: type[Fact]


@dataclass(frozen=True)
class Scope:
    """Enter a scope, by `async with` or by `with`, and leave it at its end or by an error."""

    awaited: bool
    body: Body
    fails: bool


@dataclass(frozen=True)
class Attempt:
    """Catch what the body raises."""

    body: Body


@dataclass(frozen=True)
class Release:
    """Release a scope around this place before its end; 0 is the innermost."""

    outwards: int


@dataclass(frozen=True)
class Drop:
    """Drop a scope around this place before its end; 0 is the innermost."""

    outwards: int


Statement: TypeAlias = Publish | Scope | Attempt | Release | Drop
Body: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True)
class Program:
    """Handlers on a bus, in order, and what is then done."""

    plans: tuple[Plan, ...]
    body: Body


_event_types = st.sampled_from((Placed, Paid))
_mostly = st.sampled_from((True, True, False))
_seldom = st.sampled_from((False, False, True))


@st.composite
def plans(draw: st.DrawFn, *, awaits: bool) -> Plan:
    """Draw a handler; one that *awaits* not, on a bus that does, cannot publish."""
    awaited = awaits and draw(_mostly)
    return Plan(
        event_type=draw(st.sampled_from((Fact, Placed, Paid))),
        collected=draw(_mostly),
        awaited=awaited,
        publishes=awaited == awaits and draw(st.booleans()),
        fails=draw(_seldom),
    )


@st.composite
def bodies(draw: st.DrawFn, *, awaits: bool, depth: int, attempted: bool = False) -> Body:
    """Draw statements, *depth* scopes into each other at most; scopes *attempted* mostly fail."""
    kinds = [Publish, Publish, Publish, Release, Drop] + [Scope, Attempt] * 2 * (depth > 0)
    body: list[Statement] = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4)):
        if kind is Scope:
            inner = draw(bodies(awaits=awaits, depth=depth - 1))
            fails = draw(_mostly if attempted else _seldom)
            body.append(Scope(awaits and draw(_mostly), inner, fails))
        elif kind is Attempt:
            body.append(Attempt(draw(bodies(awaits=awaits, depth=depth - 1, attempted=True))))
        elif kind is Publish:
            body.append(Publish(draw(_event_types)))
        else:
            outwards = draw(st.integers(0, 2))
            body.append(Release(outwards) if kind is Release else Drop(outwards))
    return tuple(body)


@st.composite
def programs(draw: st.DrawFn, *, awaits: bool) -> Program:
    """Draw a program in a scope, for a bus that *awaits* or one that does not."""
    handlers = draw(st.lists(plans(awaits=awaits), min_size=1, max_size=4))
    body = draw(bodies(awaits=awaits, depth=3))
    return Program(tuple(handlers), (Scope(awaits, body, fails=False),))
