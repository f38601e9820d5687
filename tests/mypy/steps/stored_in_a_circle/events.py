from __future__ import annotations

from dataclasses import dataclass

import stored_in_a_circle.lines
from typedbus import Event, event


@event(name="stored-in-a-circle")
class Ordered(Event):
    line: stored_in_a_circle.lines.Line
    # 2: Event "Ordered" leaves the process as JSON, and its field "line.log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


@dataclass
class Part:
    of: Ordered | None = None
