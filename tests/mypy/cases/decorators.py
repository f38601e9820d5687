"""Handlers below decorators: those that keep the type, those that change it, those that lose it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache, partialmethod, singledispatch, wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from shop import OrderPlaced, UserCreated, UserEvent, bus, events
from typedbus import logged

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Callable[..., object])


def traced(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def around(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    return around


def marked(function: C) -> C:
    return function


def retried(times: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    print(times)
    return traced


def given_a_log(function: Callable[Concatenate[str, P], R]) -> Callable[P, R]:
    def with_log(*args: P.args, **kwargs: P.kwargs) -> R:
        return function("log", *args, **kwargs)

    return with_log


def from_user(function: Callable[[UserCreated], None]) -> Callable[[UserEvent], None]:
    raise NotImplementedError(function)


def erased(function: Callable[..., object]) -> Callable[..., Any]:
    return function


def lost(function: Callable[..., object]) -> Any:
    return function


def untyped(function):
# [no-untyped-def]
    return function


# the type is kept, or changed as the decorator says
@traced
def traced_created(event: UserCreated) -> None: ...
@marked
def marked_created(event: UserCreated) -> None: ...
@retried(3)
def retried_created(event: UserCreated) -> None: ...
@traced
@retried(3)
@marked
def three_created(event: UserCreated, log: str = "") -> None: ...
@given_a_log
def logged_created(log: str, event: UserCreated) -> None: ...
@from_user
def widened(event: UserCreated) -> None: ...
@traced
async def traced_later(event: UserCreated) -> None: ...
@logged
def wrapped(event: UserCreated) -> None: ...


bus.subscribe(UserCreated, traced_created)
bus.subscribe(UserCreated, marked_created)
bus.subscribe(UserCreated, retried_created)
bus.subscribe(UserCreated, three_created)
bus.subscribe(UserCreated, logged_created)
bus.subscribe(UserEvent, widened)
bus.subscribe(UserCreated, wrapped)
events.subscribe(UserCreated, traced_later)
bus.subscribe(OrderPlaced, traced_created)
# Handler "traced_created" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, marked_created)
# Handler "marked_created" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, retried_created)
# Handler "retried_created" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, three_created)
# Handler "three_created" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, logged_created)
# Handler "logged_created" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, widened)
# Handler "widened" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserEvent, wrapped)
# Handler "wrapped" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, traced_later)
# Handler "traced_later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
events.subscribe(OrderPlaced, traced_later)
# Handler "traced_later" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]


# the type is lost
@erased
def erased_created(event: UserCreated) -> None: ...
@lost
def lost_created(event: UserCreated) -> None: ...
@untyped
# [untyped-decorator]
def untyped_created(event: UserCreated) -> None: ...


bus.subscribe(UserCreated, erased_created)
# Handler "erased_created" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, lost_created)
# Handler "lost_created" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
bus.subscribe(UserCreated, untyped_created)
# Handler "untyped_created" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]


# These take anything, as far as their types tell: nobody can know better.
@lru_cache
def cached(event: OrderPlaced) -> None: ...
@singledispatch
def dispatched(event: object) -> None: ...
@wraps(traced_created)
def takes_all(*args: Any, **kwargs: Any) -> None: ...


bus.subscribe(UserCreated, cached)
bus.subscribe(UserCreated, dispatched)
bus.subscribe(UserCreated, takes_all)


@contextmanager
def managed(event: UserCreated) -> Iterator[None]:
    yield


bus.subscribe(UserCreated, managed)
# [arg-type]


# methods, decorated and not
class Mailer:
    def __init__(self) -> None:
        self.held: Callable[[UserCreated], None] = traced_created
        bus.subscribe(UserCreated, self.held)
        bus.subscribe(UserCreated, self.welcome)
        bus.subscribe(UserCreated, self.as_is)
        bus.subscribe(UserCreated, self.picked)
        bus.subscribe(UserCreated, self.picked_once)
        bus.subscribe(OrderPlaced, self.held)
        # Handler "held" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        bus.subscribe(OrderPlaced, self.welcome)
        # Handler "welcome" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        bus.subscribe(OrderPlaced, self.as_is)
        # Handler "as_is" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        bus.subscribe(OrderPlaced, self.picked)
        # Handler "picked" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
        bus.subscribe(OrderPlaced, self.picked_once)
        # Handler "picked_once" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]

    def welcome(self, event: UserCreated) -> None: ...
    def chained(self, event: UserCreated) -> Self:
        return self

    @traced
    def as_is(self, event: UserCreated) -> None: ...
    @classmethod
    def of_class(cls, event: UserCreated) -> None: ...
    @classmethod
    @traced
    def of_class_traced(cls, event: UserCreated) -> None: ...
    @staticmethod
    def of_nobody(event: UserCreated) -> None: ...
    @staticmethod
    @traced
    def of_nobody_traced(event: UserCreated) -> None: ...
    @property
    def picked(self) -> Callable[[UserCreated], None]:
        return self.welcome

    @cached_property
    def picked_once(self) -> Callable[[UserCreated], None]:
        return self.welcome

    @lost
    def lost(self, event: UserCreated) -> None: ...
    def of_any_self(self: Self, event: UserCreated) -> None: ...

    alias = welcome
    made = staticmethod(traced_created)
    partly = partialmethod(welcome)


class Postman(Mailer):
    def welcome(self, event: UserEvent) -> None: ...


bus.subscribe(UserCreated, Mailer().of_class)
bus.subscribe(UserCreated, Mailer.of_class)
bus.subscribe(UserCreated, Mailer.of_class_traced)
bus.subscribe(UserCreated, Mailer.of_nobody)
bus.subscribe(UserCreated, Mailer.of_nobody_traced)
bus.subscribe(UserCreated, Mailer().of_any_self)
bus.subscribe(UserCreated, Mailer().alias)
bus.subscribe(UserCreated, Mailer.made)
bus.subscribe(UserEvent, Postman().welcome)
bus.subscribe(OrderPlaced, Mailer().of_class)
# Handler "of_class" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer.of_class)
# Handler "of_class" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer.of_class_traced)
# Handler "of_class_traced" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer.of_nobody)
# Handler "of_nobody" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer.of_nobody_traced)
# Handler "of_nobody_traced" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer().of_any_self)
# Handler "of_any_self" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer().alias)
# Handler "alias" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Mailer.made)
# Handler "made" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserEvent, Mailer().welcome)
# Handler "welcome" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, Mailer().lost)
# Handler "lost" is untyped (Any), so nothing checks that it accepts "UserCreated"; annotate it, and what decorates it  [event-untyped]
bus.subscribe(UserCreated, Mailer().partly)
# Handler "partly" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]
bus.subscribe(UserCreated, Mailer().chained)
# [arg-type]
bus.subscribe(UserCreated, Mailer.welcome)
# [arg-type]
