from typing import Protocol

from publisher_changes.events import OrderPlaced, UserCreated
from typedbus import Publisher


class Orders(Protocol):
    def publish(self, event: OrderPlaced, /) -> None: ...
