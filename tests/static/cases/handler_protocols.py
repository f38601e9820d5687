"""`Handler[E]` and `AsyncHandler[E]`: what a class-based handler implements."""

from shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    UserEvent,
    created_later,
    on_created,
    on_user,
)
from typedbus import AsyncBus, AsyncHandler, Bus, Handler

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


class Welcome(Handler[UserCreated]):
    def __call__(self, event: UserCreated, /) -> None: ...


class Named(Handler[UserCreated]):
    def __call__(self, event: UserCreated) -> None: ...


class Wider(Handler[UserCreated]):
    def __call__(self, event: UserEvent, /) -> None: ...


class Later(AsyncHandler[UserCreated]):
    async def __call__(self, event: UserCreated, /) -> None: ...


class Narrower(Handler[UserEvent]):
    def __call__(self, event: UserCreated, /) -> None: ...  # error: all mypy[override]


class Awaited(Handler[UserCreated]):
    async def __call__(self, event: UserCreated, /) -> None: ...  # error: all mypy[override]


class NotAwaited(AsyncHandler[UserCreated]):
    def __call__(self, event: UserCreated, /) -> None: ...  # error: all mypy[override]


class Duck:
    def __call__(self, it: UserEvent) -> None: ...


# subscribed
bus.subscribe(UserCreated, Welcome())
bus.subscribe(UserCreated, Named())
bus.subscribe(UserCreated, Wider())
bus.subscribe(UserCreated, Duck())
events.subscribe(UserCreated, Welcome())
events.subscribe(UserCreated, Later())
bus.subscribe(OrderPlaced, Welcome())  # error: all mypy[arg-type]
bus.subscribe(UserEvent, Welcome())  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Welcome)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Later())  # error: all mypy[arg-type]
events.subscribe(OrderPlaced, Welcome())  # error: all mypy[arg-type]
events.subscribe(OrderPlaced, Later())  # error: all mypy[arg-type]
events.subscribe(UserCreated, Later)  # error: all mypy[arg-type]


# held
def hold(handler: Handler[UserCreated]) -> None:
    bus.subscribe(UserCreated, handler)
    events.subscribe(UserCreated, handler)
    bus.subscribe(UserEvent, handler)  # error: all mypy[arg-type]


def hold_async(handler: AsyncHandler[UserCreated]) -> None:
    events.subscribe(UserCreated, handler)
    bus.subscribe(UserCreated, handler)  # error: all mypy[arg-type]


hold(on_created)
hold(on_user)
hold(Welcome())
hold(Duck())
hold(lambda event: print(event.email))
hold(created_later)  # error: all mypy[arg-type]
hold(Later())  # error: all mypy[arg-type]
hold_async(created_later)
hold_async(Later())
hold_async(on_created)  # error: all mypy[arg-type]


# contravariant: who handles every user event handles those of creation
def wide_and_narrow(wide: Handler[UserEvent], narrow: Handler[UserCreated]) -> None:
    serves: Handler[UserCreated] = wide
    refused: Handler[UserEvent] = narrow  # error: all mypy[assignment]
    print(serves, refused)
