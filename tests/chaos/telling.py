"""What a process of a run is told: in its environment, as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from typedbus.outbox.handlers import OnDead

VARIABLE: Final = "TYPEDBUS_CHAOS"


class Told(NamedTuple):
    """What one process is told."""

    url: str
    """The database, maybe by a door of its own."""
    folder: str
    """Where it writes what it does, and finds what it is to do."""
    name: str = "nobody"
    handlers: tuple[str, ...] = ("table", "file", "flaky")
    """The handlers that it knows."""
    acts: Mapping[str, str] = {}
    """What goes wrong: "handler:moment:key:seq" to an act of `acts.py`."""
    broker: str | None = None
    """Where Celery's messages go."""
    on_dead: OnDead = "block"
    tries: int = 20
    """How often a handler is tried; many, so that luck makes no dead letters."""
    timeout: float = 20
    """Seconds that a handler may take."""
    ttl: float = 1.5
    """Seconds that a relay may be silent."""
    stall: float = 60
    """Seconds that nothing may move in a relay."""
    drain: float = 5
    """Seconds that handlers may take to end."""

    def as_environment(self) -> dict[str, str]:
        """Return the variable that tells it."""
        return {VARIABLE: json.dumps(self._asdict())}

    @classmethod
    def from_environment(cls) -> Self:
        """Return what this process was told."""
        told: dict[str, Any] = json.loads(os.environ[VARIABLE])  # Any: values of several types
        return cls(**{**told, "handlers": tuple(told["handlers"])})

    def connect_args(self) -> dict[str, object]:
        """Return what the driver of the database is told beside the address."""
        if self.url.startswith("postgresql"):
            return {"connect_timeout": 5, "application_name": self.name}
        if self.url.startswith("mysql"):
            return {"connect_timeout": 5}
        return {"timeout": 20}

    @property
    def place(self) -> Path:
        """Its folder, as a path."""
        return Path(self.folder)
