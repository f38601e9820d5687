"""The other one of the two modules that import each other."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from logging import Logger

import circle
from typedbus import Event, event


@dataclass
class Line:
    log: Logger
    event: circle.Ordered | None = None


@dataclass
class Right:
    leaf: circle.Leaf | None = None


@event(name="circle.line-added")
class LineAdded(Event):
    # An event with a wire name is told where it is defined.
    to: circle.Ordered
    later: circle.Later
    # Event "LineAdded" leaves the process as JSON, and its field "later.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    scaled: Scaled
    # Event "LineAdded" leaves the process as JSON, and its field "scaled.factor" is an InitVar, which is not stored; make it a field, or give it a default  [event-json]


@dataclass
class Scaled:
    cents: int
    factor: InitVar[int]
