from __future__ import annotations

from in_a_circle import events


def audit(event: events.UserEvent) -> None: ...
