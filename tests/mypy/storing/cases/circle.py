"""Two modules that import each other, with forward references."""

from __future__ import annotations

from dataclasses import dataclass
from logging import Logger
from typing import NamedTuple

import circle_back
from typedbus import Event, event


@event(name="circle.ordered")
class Ordered(Event):
    line: circle_back.Line
    # Event "Ordered" leaves the process as JSON, and its field "line.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    later: Later
    # Event "Ordered" leaves the process as JSON, and its field "later.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    last: Last
    # Event "Ordered" leaves the process as JSON, and its field "last.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    right: circle_back.Right


@dataclass
class Later:
    log: Logger


class Last(NamedTuple):
    log: Logger


@dataclass
class Leaf:
    root: circle_back.Right
