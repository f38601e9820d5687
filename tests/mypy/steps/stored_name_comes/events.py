from logging import Logger

from typedbus import Event, event


class Approved(Event):
    log: Logger


@event(name="stored-name-comes.other")
class Other(Event):
    number: int
