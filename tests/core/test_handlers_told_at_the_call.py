"""What cannot be told of a handler when it is subscribed is told when it is called."""

import gc
import types
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import pytest

from tests.core.buses import MakeBus, plain, publish, with_envelopes
from tests.core.kinds import HIDDEN_ASYNC, Seen, Sync, named
from tests.core.shop import ShopEvent, UserCreated, decline, nothing_async
from typedbus import Bus, HandlersFailedError, errors, logged

MakeSyncBus: TypeAlias = Callable[[], Bus[ShopEvent]]


@pytest.fixture
def no_warnings() -> Iterator[None]:
    """Fail if a coroutine is thrown away that was never awaited."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect(1)
    assert [str(warning.message) for warning in caught] == []


@pytest.mark.usefixtures("no_warnings")
@pytest.mark.parametrize("kind", named(HIDDEN_ASYNC))
@pytest.mark.parametrize("make", [plain, with_envelopes])
@pytest.mark.parametrize("before", [[], [decline]], ids=["first", "after a failure"])
def test_an_awaitable_returned_to_a_bus_is_an_error(
    kind: Callable[[Seen], Any], make: MakeSyncBus, before: list[Sync]
) -> None:
    """It names the handler; nothing is left to warn that it was never awaited."""
    bus = make()
    for handler in before:
        bus.subscribe(UserCreated, handler)
    name = bus.subscribe(UserCreated, kind([])).name

    with pytest.raises(HandlersFailedError) as failed:
        bus.publish(UserCreated())

    error = failed.value.exceptions[-1]
    assert isinstance(error, errors.AsyncHandlerError)
    assert error.handler == name


def return_coroutine(event: ShopEvent) -> Any:  # Any: a checker refuses the coroutine
    """Return what a Bus does not await."""
    return nothing_async(event)


@pytest.mark.parametrize(
    "subscribe",
    [
        pytest.param(lambda bus, h: bus.subscribe(UserCreated, h), id="plainly"),
        pytest.param(lambda bus, h: bus.subscribe(UserCreated, h, once=True), id="once"),
        pytest.param(lambda bus, h: bus.subscribe(UserCreated, h, wrap=[logged]), id="wrapped"),
        pytest.param(lambda bus, h: [bus.subscribe(UserCreated, h) for _ in "ab"], id="again"),
    ],
)
def test_the_error_names_the_handler_however_it_was_subscribed(
    subscribe: Callable[[Bus[ShopEvent], Sync], object],
) -> None:
    """Not what the bus has put around it."""
    bus = Bus(ShopEvent, on_error="raise")
    subscribe(bus, return_coroutine)

    with pytest.raises(errors.AsyncHandlerError) as failed:
        bus.publish(UserCreated())

    assert failed.value.handler == f"{__name__}.return_coroutine"


def yielding(event: ShopEvent) -> Iterator[None]:
    """Run nothing until somebody iterates."""
    yield


async def yielding_async(event: ShopEvent) -> AsyncIterator[None]:
    """Run nothing until somebody iterates."""
    yield


@types.coroutine
def old_coroutine(event: ShopEvent) -> Iterator[None]:
    """Be awaitable as in the days before `async def`."""
    yield


class Yielding:
    def __call__(self, event: ShopEvent) -> Iterator[None]:
        yield

    def method(self, event: ShopEvent) -> Iterator[None]:
        yield


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(yielding, id="generator"),
        pytest.param(yielding_async, id="async generator"),
        pytest.param(partial(yielding), id="partial of a generator"),
        pytest.param(Yielding().method, id="generator method"),
        pytest.param(Yielding(), id="callable object that yields"),
        pytest.param(old_coroutine, id="old coroutine"),
    ],
)
def test_a_handler_that_yields_is_refused(make_bus: MakeBus, handler: Sync) -> None:
    """Calling it would run nothing of its body, on either bus."""
    bus = make_bus()

    with pytest.raises(errors.NotAHandlerError, match="yield"):
        bus.subscribe(UserCreated, handler)

    assert bus.subscriptions() == ()


@pytest.mark.parametrize("function", [yielding, yielding_async])
def test_a_generator_that_a_handler_returns_is_an_error(
    make_bus: MakeBus, function: Callable[[ShopEvent], Any]
) -> None:
    """Nothing of its body ran, so either bus says so rather than pass it over."""
    bus = make_bus()

    def return_generator(event: ShopEvent) -> Any:  # Any: a checker refuses the generator
        return function(event)

    bus.subscribe(UserCreated, return_generator)
    bus.subscribe(UserCreated, return_generator)

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [errors.NotAHandlerError] * 2
