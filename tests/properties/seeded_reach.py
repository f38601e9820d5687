"""Seeded bugs: whom an event reaches, how often and in which order."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tests.properties.by_hand import Steps
from tests.properties.classes import Fact
from typedbus import AsyncBus, Bus, Subscription
from typedbus.core.policies import OnError

Listed: TypeAlias = tuple[Subscription, ...]


def reaching(changed: Callable[[Listed, type[Fact]], Iterable[Subscription]]) -> type[Steps]:
    """Return steps that call what *changed* makes of the right snapshot."""

    class Changed(Steps):
        def reached(self, event: Fact) -> Iterable[Subscription]:
            return changed(self.bus.subscriptions(type(event)), type(event))

    return Changed


def exact_class(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Handlers of base classes are not called."""
    return [each for each in listed if each.event_type is event_type]


def first_bases(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Only the first of several base classes is looked at."""
    line: list[type] = [event_type]
    while line[-1].__bases__:
        line.append(line[-1].__bases__[0])
    return [each for each in listed if each.event_type in line]


def no_mixins(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Handlers of classes beside the root are not called."""
    return [
        each
        for each in listed
        if issubclass(each.event_type, Fact) or issubclass(Fact, each.event_type)
    ]


def own_class_first(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Handlers of the event's own class come before those of its base classes."""
    return sorted(listed, key=lambda each: event_type.__mro__.index(each.event_type))


def base_classes_first(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Handlers of base classes come before those of the event's own class."""
    return sorted(listed, key=lambda each: -event_type.__mro__.index(each.event_type))


def newest_first(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """Whoever subscribed last is called first."""
    return reversed(listed)


def once_for_each_way(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """A class that is inherited by two ways has its handlers called twice."""
    for each in listed:
        ways = [base for base in event_type.__bases__ if issubclass(base, each.event_type)]
        yield from [each] * max(1, len(ways))


def once_for_each_handler(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """A handler that is subscribed twice is called once."""
    return {id(each.handler): each for each in reversed(listed)}.values()


def once_for_equal_handlers(listed: Listed, event_type: type[Fact]) -> Iterable[Subscription]:
    """A bound method that is subscribed twice is called once: its objects are equal."""
    seen = set[object]()
    for each in listed:
        if each.handler not in seen:
            yield each
        seen.add(each.handler)


class LiveList(Steps):
    """A delivery sees every change that is made while it runs."""

    def reached(self, event: Fact) -> Iterator[Subscription]:
        place = 0
        while place < len(listed := self.bus.subscriptions(type(event))):
            yield listed[place]
            place += 1


class SkipsCancelled(Steps):
    """What is cancelled while a delivery runs is not called by it any more."""

    def reached(self, event: Fact) -> Iterator[Subscription]:
        return (each for each in super().reached(event) if each.active)


class CallsTheNewest(Steps):
    """What is subscribed while a delivery runs is called by it."""

    def reached(self, event: Fact) -> Iterator[Subscription]:
        seen = self.bus.subscriptions(type(event))
        yield from seen
        yield from (each for each in self.bus.subscriptions(type(event)) if each not in seen)


class CancelsByHandler(Steps):
    """Cancelling one subscription of a handler ends all of them."""

    def reached(self, event: Fact) -> Iterable[Subscription]:
        gone = [each.handler for each in self.options if not each.active]
        return [each for each in super().reached(event) if each.handler not in gone]


class KeepsStaleRoutes(Steps):
    """A class that was published before does not see a change at its base classes."""

    def __init__(self, bus: Bus[Fact] | AsyncBus[Fact], on_error: OnError) -> None:
        super().__init__(bus, on_error)
        self.routes: dict[type, tuple[list[Subscription], Listed]] = {}

    def reached(self, event: Fact) -> Iterable[Subscription]:
        listed = self.bus.subscriptions(type(event))
        own = [each for each in listed if each.event_type is type(event)]
        if type(event) not in self.routes or self.routes[type(event)][0] != own:
            self.routes[type(event)] = own, listed
        return self.routes[type(event)][1]


class CancelsAfterTheCall(Steps):
    """What is for one call is called again by a publish inside of that call."""

    def takes(self, subscription: Subscription) -> bool:
        if subscription in self.called and self.options[subscription].once:
            subscription.cancel()
        self.called.add(subscription)
        return True


class OnceForEachSnapshot(Steps):
    """What is for one call is called again by the delivery around that call."""

    def takes(self, subscription: Subscription) -> bool:
        if self.options[subscription].once:
            subscription.cancel()
        return True


CHANGED = (
    exact_class,
    first_bases,
    no_mixins,
    own_class_first,
    base_classes_first,
    newest_first,
    once_for_each_way,
    once_for_each_handler,
    once_for_equal_handlers,
)
REACH: dict[str, type[Steps]] = {each.__name__: reaching(each) for each in CHANGED} | {
    each.__name__: each
    for each in (
        LiveList,
        SkipsCancelled,
        CallsTheNewest,
        CancelsByHandler,
        KeepsStaleRoutes,
        CancelsAfterTheCall,
        OnceForEachSnapshot,
    )
}
