"""The places where a program keeps the contract: who listens, who publishes, who is given a bus."""

import ast
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tests.static.kill_rate.sources import Module

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class Carrier(NamedTuple):
    """A bus, or who publishes on its behalf."""

    what: str
    """Bus, AsyncBus, Publisher or AsyncPublisher."""
    root: str
    """The full name of the class whose events it carries."""

    @property
    def awaited(self) -> bool:
        """Whether one must await it."""
        return self.what.startswith("Async")


@dataclass(frozen=True)
class Place:
    """A place in a program."""

    module: Module
    node: ast.expr
    """What a mistake is made of."""


@dataclass(frozen=True)
class Listening(Place):
    """An event class that is given to `subscribe`, `on`, `wait_for` or `stream`."""

    bus: Carrier
    event: str
    """The full name of the event class."""
    accepts: str | None
    """The full name of the class that its handler takes; None if nobody knows, or it has none."""


@dataclass(frozen=True)
class Subscribing(Place):
    """An expression that is a handler: what is subscribed, or what a delivery makes it of."""

    bus: Carrier
    event: str
    accepts: str | None
    delivered: bool
    """Whether it is inside a delivery."""
    awaited: bool
    """Whether an async handler might be right here."""
    others: tuple[tuple[str, str], ...]
    """What is subscribed in the same function, or module: its text, and the class it takes."""


@dataclass(frozen=True)
class Defining(Place):
    """The annotation of the event in a function that is a handler."""

    function: Function
    parameter: ast.arg
    accepts: str
    hears: frozenset[str]
    """The full names of the event classes that it is subscribed to."""
    awaited: bool
    """Whether it might be right to be async."""
    by_name: bool
    """Whether it is subscribed by its name, perhaps in another module."""


@dataclass(frozen=True)
class Publishing(Place):
    """What is given to `publish`."""

    call: ast.Call
    publisher: Carrier


@dataclass(frozen=True)
class Injecting(Place):
    """An argument that gives a bus to somebody who publishes."""

    wanted: Carrier

    @property
    def bus(self) -> str:
        """Which bus can do that."""
        return "AsyncBus" if self.wanted.awaited else "Bus"


@dataclass(frozen=True)
class Asking(Place):
    """The annotation of a parameter that asks for a publisher."""

    parameter: ast.arg
    wanted: Carrier


@dataclass(frozen=True)
class Making(Place):
    """The root that is given to a bus."""

    call: ast.Call
    made: Carrier


@dataclass(frozen=True)
class Deriving(Place):
    """The base of an event class, through which it inherits from the root."""

    event: str
    base: str


class Places(NamedTuple):
    """All places of all programs."""

    listening: tuple[Listening, ...]
    subscribing: tuple[Subscribing, ...]
    defining: tuple[Defining, ...]
    publishing: tuple[Publishing, ...]
    injecting: tuple[Injecting, ...]
    asking: tuple[Asking, ...]
    making: tuple[Making, ...]
    deriving: tuple[Deriving, ...]
