"""Routes: which handler here an event is owed to, looked up once for all events alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from typedbus.core.errors import UnknownWireNameError
from typedbus.core.names import class_named
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.pieces import Desk, Kind, Route, kind_of
from typedbus.outbox.records import Lease, Stored, names_owed

_SHARE: Final = 0.75
"""What part of all places one handler may have, if there are others."""


class Part(NamedTuple):
    """What an event is owed to one handler."""

    name: str
    route: Route | None
    """None if nobody here knows the handler, or the class of the event."""
    key: str | None
    """The key that it goes by, unless that is the key of the record."""
    by_the_record: bool


class Routes:
    """The routes of one relay, as long as it has the lease."""

    def __init__(self, handlers: DurableHandlers, lease: Lease, places: Mapping[Kind, int]) -> None:
        self._handlers = handlers
        self._lease = lease
        self._places = places
        self._desks: dict[str, Desk] = {}
        self._routes: dict[tuple[str, str], Route | None] = {}
        self.plans: Final[dict[tuple[str, str], tuple[Part, ...]]] = {}
        """The parts of events that have this type and are owed so."""
        self.desks: Final[list[Desk]] = []

    def forget(self) -> None:
        """Look everything up anew: modules are imported, and reloaded, while a relay runs."""
        self._routes.clear()
        self.plans.clear()

    def plan(self, stored: Stored) -> tuple[Part, ...]:
        """Return the parts of *stored*, one for each handler that it is owed to."""
        kind = stored.type, stored.owed_to
        found = self.plans.get(kind)
        if found is None:
            found = self.plans[kind] = tuple(
                Part(name, self.route(stored.type, name), key, by_the_record)
                for name, key, by_the_record in names_owed(stored.owed_to)
            )
        return found

    def route(self, event_type: str, name: str) -> Route | None:
        """Return the route of events of that wire name to the handler of that name."""
        kind = event_type, name
        if kind not in self._routes:
            self._routes[kind] = self._look_up(event_type, name)
        return self._routes[kind]

    def desk(self, name: str) -> Desk | None:
        """Return the desk of the handler that events may be owed to as *name*, if there is one."""
        found = self._desks.get(name)
        if found is not None:
            return found
        durable = self._handlers.named(name)
        if durable is None:
            return None
        names = (*durable.options.aliases, durable.handler_name)
        for known in names:
            if known in self._desks:
                desk = self._desks[name] = self._desks[known]
                return desk
        desk = Desk(names, kind_of(durable), self._lease, plain=durable.options.to is None)
        self.desks.append(desk)
        self._share_places()
        self._desks.update(dict.fromkeys(names, desk))
        return desk

    def _share_places(self) -> None:
        for desk in self.desks:
            places = self._places[desk.kind]
            desk.places = places if len(self.desks) == 1 else max(1, int(places * _SHARE))

    def desks_of(self, names: Iterable[str]) -> set[Desk]:
        """Return the desks of the handlers called so."""
        return {desk for desk in map(self.desk, names) if desk is not None}

    def _look_up(self, event_type: str, name: str) -> Route | None:
        try:
            cls = class_named(event_type)
        except UnknownWireNameError:
            return None
        durable = self._handlers.find(name, cls)
        desk = self.desk(name)
        if durable is None or desk is None:
            return None
        return Route(name, cls, durable, desk)
