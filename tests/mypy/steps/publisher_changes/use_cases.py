from dataclasses import dataclass

from publisher_changes.events import OrderPlaced, UserCreated
from typedbus import AsyncPublisher, Publisher


def place(bus: Publisher[OrderPlaced]) -> None: ...


def gains(bus: object) -> None: ...


class PlaceOrder:
    def __init__(self, bus: Publisher[OrderPlaced]) -> None:
        self.bus = bus


class Base:
    def __init__(self, bus: object) -> None: ...


class Inherits(Base):
    pass


@dataclass
class Ship:
    bus: Publisher[OrderPlaced]


class OwnPublisher(Publisher[OrderPlaced]):
    pass


def own(bus: OwnPublisher | None = None) -> None: ...
