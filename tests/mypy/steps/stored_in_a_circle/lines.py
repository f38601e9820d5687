from __future__ import annotations

from dataclasses import dataclass
from logging import Logger

import stored_in_a_circle.events


@dataclass
class Line:
    log: int
    part: stored_in_a_circle.events.Part


NOTHING: Logger | None = None
