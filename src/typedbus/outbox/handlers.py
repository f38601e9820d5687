"""Durable handlers: what each was told, the stand-in on the bus, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from threading import Lock
from typing import Any, Final, Literal, NamedTuple, Protocol, Self, TypeAlias

from typedbus.core.callables import AnyHandler
from typedbus.core.delivered import Delivered
from typedbus.core.deliveries import Delivery
from typedbus.core.errors import HandlerNameError
from typedbus.core.messages import Message
from typedbus.core.remote import checked_name
from typedbus.core.retries import Backoff
from typedbus.core.subscriptions import Subscription

OnDead: TypeAlias = Literal["block", "skip", "park"]


class Carrier(Protocol):
    """Brings events to handlers in other processes: a `CeleryDelivery`, for one."""

    def deliver(self, name: str, /) -> Delivery:
        """Return the delivery for the handler that is called *name* on both sides."""
        ...

    def send(self, message: Message, handler: str, /) -> None:
        """Hand *message* over for the handler of that name; raises `BrokerAwayError`."""
        ...


class Options(NamedTuple):
    """What `durable` was told of one handler."""

    key: Callable[[Any], object] | None = None  # Any: of the event class of the handler
    """What orders its events; None for no order."""
    retry: Backoff = Backoff()
    """How often, and how soon, it is tried again."""
    on_dead: OnDead = "skip"
    """What becomes of later events of a key whose first is dead: wait, go on, or die with it."""
    give_up_on: tuple[type[Exception], ...] = ()
    """What it raises when trying again cannot help."""
    timeout: timedelta | None = timedelta(minutes=1)
    """How long a call may take; None for as long as it likes."""
    to: Carrier | None = None
    """What brings its events to another process; None runs it in the relay."""
    resend_after: timedelta = timedelta(minutes=5)
    """When an event that was handed over, and is not done, is handed over again."""
    aliases: tuple[str, ...] = ()
    """Former names, under which events may still be owed."""


class Recorder(Protocol):
    """Writes events down in the transaction that is open where they are published."""

    def record(self, event: Any, durable: Durable, /) -> None:
        """Owe *event* to *durable*."""
        ...


class Durable(Delivered):
    """Stands in for a handler on the bus: the event is stored, and a relay calls the handler."""

    __slots__ = ("_recorder", "among", "delivery", "handler_name", "options")

    def __init__(
        self,
        recorder: Recorder,
        handlers: DurableHandlers,
        name: str,
        options: Options,
        handler: AnyHandler,
        /,
    ) -> None:
        super().__init__(handler)
        self._recorder = recorder
        self.among: Final = handlers
        """The handlers of the outbox that it is one of."""
        self.handler_name: Final = checked_name(name, handler)
        self.options: Final = options
        self.delivery = f"durable {name}"

    def __call__(self, event: Any, /) -> None:
        """Take *event* in: the bus calls this on publish."""
        self._recorder.record(event, self)

    def subscribed(
        self, subscription: Subscription, wrap: Callable[[AnyHandler], AnyHandler], /
    ) -> Self:
        """Return a copy that belongs to *subscription*, and make it known by its name."""
        mine = super().subscribed(subscription, wrap)
        self.among.add(mine, subscription)
        return mine

    def key_of(self, event: Any) -> str | None:
        """Return what orders *event* for this handler, as text; None for no order."""
        if self.options.key is None:
            return None
        key = self.options.key(event)
        return None if key is None else str(key)


class DurableHandlers:
    """The durable handlers of one outbox, by name; iterating gives the names, sorted."""

    def __init__(self) -> None:
        self._known: dict[str, dict[type, Durable]] = {}
        self._lock = Lock()

    def add(self, durable: Durable, subscription: Subscription, /) -> None:
        """Know *durable* by its names; raise `HandlerNameError` if another handler has one."""
        with self._lock:
            for name in (durable.handler_name, *durable.options.aliases):
                under = self._known.setdefault(name, {})
                for other in under.values():
                    # A function defined anew by a reload of its module is the same handler.
                    if other.name != durable.name:
                        raise HandlerNameError(
                            f"call {durable.name} {name!r} in the outbox",
                            f"{other.name} is called that",
                            "give each handler a name of its own",
                        )
                under[subscription.event_type] = durable

    def find(self, name: str, event_class: type) -> Durable | None:
        """Return the handler called *name* that takes events of *event_class*, if there is one.

        A subscription that was cancelled since is found too: what was published before is owed.
        """
        under = self._known.get(name, {})
        for cls in event_class.__mro__:
            if cls in under:
                return under[cls]
        return None

    def named(self, name: str) -> Durable | None:
        """Return the handler called *name*, on whatever class it was subscribed first."""
        return next(iter(self._known.get(name, {}).values()), None)

    def classes(self) -> set[type]:
        """Return every class that a handler was subscribed to."""
        return {cls for under in list(self._known.values()) for cls in list(under)}

    def names(self) -> Sequence[str]:
        """Return every name that events may be owed to here, sorted."""
        return sorted(self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())
