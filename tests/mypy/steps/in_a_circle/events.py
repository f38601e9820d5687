from __future__ import annotations

from in_a_circle import wiring
from typedbus import Event


class UserEvent(Event):
    def published(self) -> None:
        wiring.bus.publish(self)


class UserCreated(UserEvent):
    email: str
