from typedbus import AsyncBus, Bus, Event

bus = Bus()


class AppBus(Bus[Event]):
    pass


class LateBus:
    def subscribe(self, name: object, handler: object) -> None: ...

    def publish(self, event: object) -> None: ...
