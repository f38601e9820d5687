"""Objects as handlers, and handlers that are generic or overloaded."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, TypeVarTuple, Unpack, overload

from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    bus,
    events,
    on_created,
    on_order,
    on_user,
)
from typedbus import AsyncHandler, Handler

T = TypeVar("T")
E = TypeVar("E", bound=ShopEvent)
E_contra = TypeVar("E_contra", bound=ShopEvent, contravariant=True)
OneOf = TypeVar("OneOf", UserCreated, OrderPlaced)
OnCreated = TypeVar("OnCreated", bound=Callable[[UserCreated], None])
Ts = TypeVarTuple("Ts")
P = ParamSpec("P")


class Welcome(Handler[UserCreated]):
    def __init__(self, mailer: str = "smtp") -> None: ...
    def __call__(self, event: UserCreated, /) -> None: ...


class Politely(Welcome):
    """Inherits its `__call__`."""


class Later(AsyncHandler[UserCreated]):
    async def __call__(self, event: UserCreated, /) -> None: ...


class Duck:
    def __call__(self, it: UserEvent) -> None: ...


class Recorder(Generic[E]):
    def __call__(self, event: E) -> None: ...


class UserRecorder(Recorder[UserEvent]): ...


class Held:
    __call__ = staticmethod(on_created)


class Uncallable: ...


class Both:
    @overload
    def __call__(self, event: UserCreated) -> None: ...
    @overload
    def __call__(self, event: OrderPlaced) -> None: ...
    def __call__(self, event: ShopEvent) -> None: ...


class BothLater:
    @overload
    async def __call__(self, event: UserCreated) -> None: ...
    @overload
    async def __call__(self, event: OrderPlaced) -> None: ...
    async def __call__(self, event: ShopEvent) -> None: ...


class Narrowly:
    """Async for all but one class of its events."""

    @overload
    def __call__(self, event: UserCreated) -> None: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, event: UserEvent) -> Awaitable[None]: ...
    def __call__(self, event: UserEvent) -> Awaitable[None] | None: ...


class Half:
    """Async for one of its events."""

    @overload
    def __call__(self, event: UserCreated) -> None: ...
    @overload
    def __call__(self, event: OrderPlaced) -> Awaitable[None]: ...
    def __call__(self, event: ShopEvent) -> Awaitable[None] | None: ...


mailer = "smtp"
bus.subscribe(UserCreated, Welcome())
bus.subscribe(UserCreated, Welcome(mailer))
bus.subscribe(UserCreated, Politely())
bus.subscribe(UserCreated, Duck())
bus.subscribe(UserCreated, Recorder[UserCreated]())
bus.subscribe(UserCreated, Recorder[ShopEvent]())
bus.subscribe(UserCreated, UserRecorder())
bus.subscribe(UserCreated, Held())
events.subscribe(UserCreated, Welcome())
events.subscribe(UserCreated, Later())
bus.subscribe(OrderPlaced, Welcome())
# Handler "Welcome" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(OrderPlaced, Welcome(mailer))
# Handler "Welcome" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserEvent, Politely())
# Handler "Politely" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(OrderPlaced, Duck())
# Handler "Duck" accepts "UserEvent", not "OrderPlaced"; subscribe it to "UserEvent", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserCreated, Recorder[OrderPlaced]())
# Handler "Recorder" accepts "OrderPlaced", not "UserCreated"; subscribe it to "OrderPlaced", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(ShopEvent, UserRecorder())
# Handler "UserRecorder" accepts only "UserEvent", but would receive every "ShopEvent"; subscribe it to "UserEvent", or let it accept "ShopEvent"  [event-mismatch]
bus.subscribe(OrderPlaced, Held())
# Handler "Held" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserCreated, Later())
# Handler "Later" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
events.subscribe(OrderPlaced, Later())
# Handler "Later" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.subscribe(UserCreated, Welcome)
# [arg-type]
bus.subscribe(UserCreated, Recorder)
# [arg-type]
bus.subscribe(UserCreated, Uncallable())
# [arg-type]
bus.subscribe(UserCreated, Recorder())
# [arg-type]

# overloaded: one of the signatures takes the event, or all together take each class of it
bus.subscribe(UserCreated, Both())
bus.subscribe(OrderPlaced, Both())
bus.subscribe(UserCreated, Half())
events.subscribe(OrderPlaced, Half())
bus.subscribe(UserCreated, Narrowly())
bus.subscribe(UserEvent, Narrowly())
# Handler "Narrowly" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserCreated, BothLater())
# Handler "BothLater" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
bus.subscribe(UserEvent, Both())
# Handler "Both" accepts "UserCreated | OrderPlaced", not "UserEvent"; subscribe it to each class of "UserCreated | OrderPlaced", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(OrderPlaced, Half())
# Handler "Half" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
for each in (UserCreated, OrderPlaced):
    bus.subscribe(each, Both())  # mypy alone: [arg-type]
    bus.subscribe(each, BothLater())
    # Handler "BothLater" is async, and nothing awaits it here; use an AsyncBus, or a delivery that awaits  [event-async]
    bus.subscribe(each, on_created)
    # Handler "on_created" accepts only "UserCreated", but would receive every "UserCreated | OrderPlaced"; subscribe it to "UserCreated", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]


@overload
def on_both(event: UserCreated) -> None: ...
@overload
def on_both(event: OrderPlaced, log: str = "") -> None: ...
def on_both(event: ShopEvent, log: str = "") -> None: ...


@overload
def on_one(event: UserCreated) -> None: ...
@overload
def on_one(event: OrderPlaced, log: str) -> None: ...
def on_one(event: ShopEvent, log: str = "") -> None: ...


bus.subscribe(UserCreated, on_both)
bus.subscribe(OrderPlaced, on_both)
bus.subscribe(UserCreated, on_one)
bus.subscribe(ShopEvent, on_both)
# Handler "on_both" accepts only "UserCreated | OrderPlaced", but would receive every "ShopEvent"; subscribe it to each class of "UserCreated | OrderPlaced", or let it accept "ShopEvent"  [event-mismatch]
bus.subscribe(OrderPlaced, on_one)
# [arg-type]


def pick(event_type: type[UserCreated] | type[OrderPlaced]) -> None:
    bus.subscribe(event_type, Both())
    bus.subscribe(event_type, on_created)
    # Handler "on_created" accepts only "UserCreated", but would receive every "UserCreated | OrderPlaced"; subscribe it to "UserCreated", or let it accept "UserCreated | OrderPlaced"  [event-mismatch]


# generic
def on_every(event: T) -> None: ...
def on_bound(event: E, more: tuple[E, ...] = ()) -> None: ...
def on_one_of(event: OneOf) -> None: ...
def on_list(event: list[T]) -> None: ...
def on_many(*event: Unpack[Ts]) -> None: ...
def on_some(event: UserCreated, *more: Unpack[Ts]) -> None: ...


bus.subscribe(UserCreated, on_every)
bus.subscribe(object, on_every)
bus.subscribe(UserCreated, on_bound)
bus.subscribe(ShopEvent, on_bound)
bus.subscribe(UserCreated, on_one_of)
bus.subscribe(UserCreated, on_many)
bus.subscribe(UserCreated, on_some)
bus.subscribe(object, on_bound)
# Handler "on_bound" accepts only "ShopEvent", but would receive every "object"; subscribe it to "ShopEvent", or let it accept "object"  [event-mismatch]
bus.subscribe(UserEvent, on_one_of)
# Handler "on_one_of" accepts "UserCreated | OrderPlaced", not "UserEvent"; subscribe it to each class of "UserCreated | OrderPlaced", or let it accept "UserEvent"  [event-mismatch]
bus.subscribe(UserCreated, on_list)
# Handler "on_list" accepts "list[object]", not "UserCreated"; subscribe it to "list[object]", or let it accept "UserCreated"  [event-mismatch]
bus.subscribe(OrderPlaced, on_some)
# Handler "on_some" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]


# around `subscribe`
def subscribe_to(event_type: type[E], handler: Callable[[E], None]) -> None:
    bus.subscribe(event_type, handler)
    bus.on(event_type)(handler)
    bus.subscribe(event_type, on_bound)
    bus.subscribe(event_type, lambda event: print(event.shop))
    bus.subscribe(event_type, on_created)
    # Handler "on_created" accepts "UserCreated", not "E"; subscribe it to "UserCreated", or let it accept "E"  [event-mismatch]
    bus.on(event_type)(on_created)
    # Handler "on_created" accepts "UserCreated", not "E"; subscribe it to "UserCreated", or let it accept "E"  [event-mismatch]
    bus.subscribe(event_type, lambda event: print(event.nope))
    # [attr-defined]
    bus.subscribe(UserCreated, handler)
    # Handler "handler" accepts "E", not "UserCreated"; subscribe it to "E", or let it accept "UserCreated"  [event-mismatch]


def subscribe_one_of(event_type: type[OneOf], handler: Callable[[OneOf], None]) -> None:
    bus.subscribe(event_type, handler)
    bus.subscribe(event_type, lambda event: print(event.shop))


def handles(event_type: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    def subscribe(handler: Callable[[E], None]) -> Callable[[E], None]:
        bus.subscribe(event_type, handler)
        return handler

    return subscribe


def subscribe_all(*handlers: Callable[[UserCreated], None]) -> None:
    for handler in handlers:
        bus.subscribe(UserCreated, handler)
        bus.subscribe(UserEvent, handler)
        # Handler "handler" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]


def call_with(handler: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
    bus.subscribe(UserCreated, handler)
    # [arg-type]
    handler(*args, **kwargs)


def subscribe_bound(handler: OnCreated) -> OnCreated:
    bus.subscribe(UserCreated, handler)
    bus.subscribe(OrderPlaced, handler)
    # Handler "handler" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
    return handler


@handles(UserCreated)
def handled(event: UserCreated) -> None: ...


subscribe_to(UserCreated, on_user)
subscribe_to(UserCreated, on_order)
# [arg-type]
subscribe_all(on_created, on_user, Welcome())


class OfEvents(Protocol[E_contra]):
    def handler(self) -> Handler[E_contra]: ...


def from_protocol(source: OfEvents[UserCreated], any_source: OfEvents[Any]) -> None:
    bus.subscribe(UserCreated, source.handler())
    bus.subscribe(UserEvent, source.handler())
    # Handler "handler" accepts only "UserCreated", but would receive every "UserEvent"; subscribe it to "UserCreated", or let it accept "UserEvent"  [event-mismatch]
    bus.subscribe(UserCreated, any_source.handler())
    # Handler "handler" takes an untyped parameter (Any); annotate it with "UserCreated"  [event-untyped]


class Projection(Generic[E]):
    def __init__(self, event_type: type[E]) -> None:
        bus.subscribe(event_type, self.apply)
        bus.subscribe(event_type, lambda event: self.apply(event))
        bus.subscribe(UserCreated, self.apply)
        # Handler "apply" accepts "E", not "UserCreated"; subscribe it to "E", or let it accept "UserCreated"  [event-mismatch]

    def apply(self, event: E) -> None: ...


bus.subscribe(UserCreated, Projection(UserCreated).apply)
bus.subscribe(OrderPlaced, Projection(UserCreated).apply)
# Handler "apply" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
