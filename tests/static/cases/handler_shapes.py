"""What can be called with one event: functions, methods, callable objects, and what cannot."""

from functools import partial
from typing import Any, NoReturn

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, on_created
from typedbus import AsyncBus, Bus

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)


class Mailer:
    def welcome(self, event: UserCreated) -> None: ...
    def ship(self, event: OrderPlaced) -> None: ...
    async def ship_later(self, event: OrderPlaced) -> None: ...

    @classmethod
    def audit(cls, event: UserEvent) -> None: ...

    @staticmethod
    def count(event: ShopEvent) -> None: ...

    def __call__(self, event: UserCreated) -> None: ...


def extra(event: UserCreated, log: str) -> None: ...
def extra_default(event: UserCreated, log: str = "") -> None: ...
def extra_keyword(event: UserCreated, *, log: str) -> None: ...
def extra_keyword_default(event: UserCreated, *, log: str = "") -> None: ...
def extra_keywords(event: UserCreated, **more: object) -> None: ...
def no_parameter() -> None: ...
def only_keyword(*, event: UserCreated) -> None: ...
def only_keywords(**event: UserCreated) -> None: ...
def any_number(*given: UserCreated) -> None: ...
def other_number(*given: OrderPlaced) -> None: ...
def positional_only(event: UserCreated, /) -> None: ...
def other_name(it: UserCreated) -> None: ...
def defaulted(event: UserCreated | None = None) -> None: ...
def gives_number(event: UserCreated) -> int:
    raise NotImplementedError


def gives_event(event: UserCreated) -> UserCreated:
    raise NotImplementedError


def raises(event: UserCreated) -> NoReturn:
    raise NotImplementedError


def gives_anything(event: UserCreated) -> Any: ...
def log_first(log: str, event: UserCreated) -> None: ...
def log_first_order(log: str, event: OrderPlaced) -> None: ...
async def log_later(log: str, event: UserCreated) -> None: ...
async def number_later(event: UserCreated) -> int:
    raise NotImplementedError


mailer = Mailer()

# methods and callable objects
bus.subscribe(UserCreated, mailer.welcome)
bus.subscribe(UserCreated, mailer.audit)
bus.subscribe(UserCreated, Mailer.audit)
bus.subscribe(UserCreated, Mailer.count)
bus.subscribe(UserCreated, mailer)
events.subscribe(OrderPlaced, mailer.ship)
events.subscribe(OrderPlaced, mailer.ship_later)
events.subscribe(UserCreated, mailer)
bus.subscribe(UserCreated, mailer.ship)  # error: all mypy[arg-type]
bus.subscribe(OrderPlaced, mailer.audit)  # error: all mypy[arg-type]
bus.subscribe(OrderPlaced, Mailer.audit)  # error: all mypy[arg-type]
bus.subscribe(OrderPlaced, mailer)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Mailer.welcome)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, Mailer)  # error: all mypy[arg-type]
events.subscribe(UserCreated, mailer.ship_later)  # error: all mypy[arg-type]
events.subscribe(OrderPlaced, Mailer.ship_later)  # error: all mypy[arg-type]
events.subscribe(UserCreated, Mailer)  # error: all mypy[arg-type]

# parameters
bus.subscribe(UserCreated, extra_default)
bus.subscribe(UserCreated, extra_keyword_default)
bus.subscribe(UserCreated, extra_keywords)
bus.subscribe(UserCreated, any_number)
bus.subscribe(UserCreated, positional_only)
bus.subscribe(UserCreated, other_name)
bus.subscribe(UserCreated, defaulted)
bus.subscribe(UserCreated, extra)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, extra_keyword)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, no_parameter)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, only_keyword)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, only_keywords)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, other_number)  # error: all mypy[arg-type]
events.subscribe(UserCreated, extra_default)
events.subscribe(UserCreated, any_number)
events.subscribe(UserCreated, extra)  # error: all mypy[arg-type]
events.subscribe(UserCreated, no_parameter)  # error: all mypy[arg-type]
events.subscribe(UserCreated, only_keyword)  # error: all mypy[arg-type]

# built-in callables: what tests subscribe
got: list[ShopEvent] = []
bus.subscribe(ShopEvent, got.append)
bus.subscribe(UserCreated, got.append)
bus.subscribe(UserCreated, print)
events.subscribe(UserCreated, got.append)
events.subscribe(UserCreated, print)
orders: list[OrderPlaced] = []
bus.subscribe(UserCreated, orders.append)  # error: all mypy[arg-type]
events.subscribe(ShopEvent, orders.append)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, len)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, repr)  # error: all mypy[arg-type]

# results
bus.subscribe(UserCreated, raises)
bus.subscribe(UserCreated, gives_anything)
bus.subscribe(UserCreated, gives_number)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, gives_event)  # error: all mypy[arg-type]
events.subscribe(UserCreated, raises)
events.subscribe(UserCreated, gives_anything)
events.subscribe(UserCreated, gives_number)  # error: all mypy[arg-type]
events.subscribe(UserCreated, number_later)  # error: all mypy[arg-type]

# functools.partial
bus.subscribe(UserCreated, partial(log_first, "x"))
events.subscribe(UserCreated, partial(log_first, "x"))
events.subscribe(UserCreated, partial(log_later, "x"))
bus.subscribe(UserCreated, partial(log_first_order, "x"))  # error: pyright ty; event-mismatch
events.subscribe(UserCreated, partial(log_first_order, "x"))  # error: pyright ty; event-mismatch
bus.subscribe(UserCreated, partial(log_later, "x"))  # error: all

# no handler at all
bus.subscribe(UserCreated, None)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, on_created(created))  # error: all
bus.subscribe(UserCreated, created)  # error: all mypy[arg-type]
bus.subscribe(UserCreated, "on_created")  # error: all mypy[arg-type]
bus.subscribe(UserCreated)  # error: all mypy[call-arg]
bus.subscribe(on_created, UserCreated)  # error: all mypy[arg-type]
bus.subscribe(on_created)  # error: all
events.subscribe(UserCreated, None)  # error: all mypy[arg-type]
events.subscribe(UserCreated, on_created(created))  # error: all
events.subscribe(on_created, UserCreated)  # error: all mypy[arg-type]
bus.subscribe(event_type=UserCreated, handler=on_created)  # error: all mypy[call-arg]
