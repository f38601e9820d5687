"""Who listens, in which order, and where each handler was written."""

from collections.abc import Callable
from functools import partial, wraps
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest

from tests.core.buses import MakeBus
from tests.core.shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, decline, nothing
from typedbus import (
    AsyncBackground,
    AsyncBus,
    Background,
    Bus,
    collected,
    in_thread,
)


def test_subscriptions_shows_who_listens_in_order(make_bus: MakeBus) -> None:
    """Everyone an event of the class reaches, base classes included, in the order of calls."""
    bus = make_bus()
    shop = bus.subscribe(ShopEvent, nothing)
    bus.subscribe(OrderPlaced, nothing)
    created = bus.subscribe(UserCreated, nothing)
    user = bus.subscribe(UserEvent, nothing)

    assert bus.subscriptions(UserCreated) == (shop, created, user)
    assert bus.subscriptions(UserEvent) == (shop, user)


def test_subscriptions_without_a_class_shows_everyone() -> None:
    """All subscriptions of the bus, in the order in which they were made."""
    bus = Bus(ShopEvent)
    made = (
        bus.subscribe(UserCreated, nothing),
        bus.subscribe(OrderPlaced, nothing),
        bus.subscribe(UserCreated, decline),
    )

    assert bus.subscriptions() == made


def test_subscriptions_forgets_the_cancelled() -> None:
    """Who was cancelled does not listen."""
    bus = Bus(ShopEvent)
    cancelled = bus.subscribe(UserCreated, nothing)
    kept = bus.subscribe(UserCreated, nothing)

    cancelled.cancel()

    assert bus.subscriptions(UserCreated) == bus.subscriptions() == (kept,)


def test_a_subscription_tells_what_was_subscribed() -> None:
    """The event class, the very handler, its name, its module and its line."""
    bus = Bus(ShopEvent)

    told = bus.subscribe(UserCreated, nothing)

    assert told.event_type is UserCreated
    assert told.handler is nothing
    assert told.name == "tests.core.shop.nothing"
    assert told.module == "tests.core.shop"
    assert told.line == nothing.__code__.co_firstlineno


class Mailer:
    def send(self, event: ShopEvent) -> None: ...

    def __call__(self, event: ShopEvent) -> None: ...


def with_extra(extra: str, event: ShopEvent) -> None:
    """Take more than an event."""


@wraps(nothing)
def wrapped(event: ShopEvent) -> None:
    """Stand around another handler."""


HERE = "tests.core.test_subscriptions_shown"


@pytest.mark.parametrize(
    ("handler", "name", "written"),
    [
        pytest.param(Mailer().send, f"{HERE}.Mailer.send", Mailer.send, id="method"),
        pytest.param(Mailer(), f"{HERE}.Mailer()", Mailer.__call__, id="callable object"),
        pytest.param(
            partial(with_extra, "x"), f"partial({HERE}.with_extra)", with_extra, id="partial"
        ),
        pytest.param(wrapped, "tests.core.shop.nothing", nothing, id="wrapped"),
    ],
)
def test_a_subscription_names_handlers_of_every_kind(
    handler: Callable[[ShopEvent], None], name: str, written: Callable[..., None]
) -> None:
    """By what somebody wrote, and where."""
    told = Bus(ShopEvent).subscribe(UserCreated, handler)

    assert told.name == name
    assert (told.module, told.line) == (written.__module__, written.__code__.co_firstlineno)


def test_a_built_in_has_no_line() -> None:
    """Where Python does not know the place, there is none."""
    told = Bus(ShopEvent).subscribe(UserCreated, list[ShopEvent]().append)

    assert told.name == "list.append"
    assert (told.module, told.line) == (None, None)


@pytest.mark.parametrize("mock", [Mock(), MagicMock(), AsyncMock()], ids=["", "magic", "async"])
def test_a_mock_has_a_name_and_no_line_of_its_own(mock: Mock) -> None:
    """What a mock answers to every question is not taken for a place."""
    told = AsyncBus(ShopEvent).subscribe(UserCreated, mock)

    assert told.name == f"unittest.mock.{type(mock).__name__}()"
    assert isinstance(told.line, int | None)
    assert "Mock name=" not in repr(told)


def own_delivery(handler: Callable[[ShopEvent], None]) -> Callable[[ShopEvent], None]:
    """Deliver at once, by a function that knows nothing of typedbus."""

    def deliver(event: ShopEvent) -> None:
        handler(event)

    return deliver


@pytest.mark.parametrize(
    ("subscribe", "delivery"),
    [
        pytest.param(lambda bus, _: bus.on(UserCreated)(nothing), "inline", id="inline"),
        pytest.param(
            lambda bus, _: bus.on(UserCreated, via=collected)(nothing), "collected", id="collected"
        ),
        pytest.param(
            lambda bus, _: bus.subscribe(UserCreated, collected(nothing)),
            "collected",
            id="collected, plain form",
        ),
        pytest.param(
            lambda bus, _: bus.on(UserCreated, via=Background(name="mail"))(nothing),
            "mail",
            id="background",
        ),
        pytest.param(
            lambda _, bus: bus.on(UserCreated, via=AsyncBackground())(nothing),
            "background",
            id="async background",
        ),
        pytest.param(
            lambda _, bus: bus.on(UserCreated, via=in_thread)(nothing), "in thread", id="in thread"
        ),
        pytest.param(
            lambda bus, _: bus.on(UserCreated, via=own_delivery)(nothing),
            "own_delivery",
            id="a delivery of one's own",
        ),
    ],
)
def test_a_subscription_tells_its_delivery_and_the_handler_inside(
    subscribe: Callable[[Bus[ShopEvent], AsyncBus[ShopEvent]], object], delivery: str
) -> None:
    """Whatever a delivery puts on the bus, the subscription shows the handler itself."""
    bus, async_bus = Bus(ShopEvent), AsyncBus(ShopEvent)

    subscribe(bus, async_bus)

    (told,) = bus.subscriptions() + async_bus.subscriptions()
    assert told.delivery == delivery
    assert told.handler is nothing
    assert told.name == "tests.core.shop.nothing"


def test_the_repr_of_a_subscription_says_who_listens_to_what() -> None:
    """The handler, its place, the event class, the delivery, and whether it is cancelled."""
    subscription = Bus(ShopEvent).subscribe(UserCreated, nothing)
    place = f"tests.core.shop:{subscription.line}"

    shown = repr(subscription)
    subscription.cancel()

    for part in ("tests.core.shop.nothing", place, "tests.core.shop.UserCreated", "inline"):
        assert part in shown
    assert "cancelled" not in shown
    assert "cancelled" in repr(subscription)


def test_the_repr_of_a_bus_says_what_it_carries_and_how_many_listen(make_bus: MakeBus) -> None:
    """Its kind, its root, and the numbers of subscriptions and of event classes."""
    bus = make_bus()
    bus.subscribe(UserCreated, nothing)
    bus.subscribe(UserCreated, decline)
    bus.subscribe(OrderPlaced, nothing)

    shown = repr(bus)

    assert shown.startswith(f"<{type(bus).__name__} of tests.core.shop.ShopEvent")
    assert "3 subscriptions" in shown
    assert "2 event classes" in shown
