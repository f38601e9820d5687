"""The wrappers that come with the bus: `logged` and `timeout`."""

import logging
from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import (
    DeclinedError,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    nothing,
    nothing_async,
    noting,
)
from typedbus import (
    AsyncBackground,
    AsyncBus,
    Bus,
    HandlersFailedError,
    collect,
    collected,
    errors,
    logged,
    timeout,
)

NO_TIME = timedelta(0)


def logged_by_typedbus(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the logger of typedbus said."""
    return [each.getMessage() for each in caplog.records if each.name == "typedbus"]


@pytest.fixture
def info(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged at INFO."""
    caplog.set_level(logging.INFO, logger="typedbus")
    return caplog


def test_logged_tells_each_run_with_its_duration(
    make_bus: MakeBus, info: pytest.LogCaptureFixture
) -> None:
    """At INFO: the handler, the event class, and how long it took."""
    bus = make_bus(wrap=[logged])
    bus.subscribe(UserCreated, nothing)

    publish(bus, UserCreated())

    (message,) = logged_by_typedbus(info)
    assert message.startswith("tests.core.shop.nothing handled tests.core.shop.UserCreated in ")
    assert message.endswith(" ms")


def test_logged_tells_what_a_handler_raised(
    make_bus: MakeBus, info: pytest.LogCaptureFixture
) -> None:
    """The error goes on to the policy."""
    bus = make_bus(wrap=[logged])
    bus.subscribe(UserCreated, decline)

    with pytest.raises(HandlersFailedError):
        publish(bus, UserCreated())

    (message,) = logged_by_typedbus(info)
    assert "tests.core.shop.decline raised DeclinedError()" in message


@pytest.mark.anyio
async def test_logged_tells_the_end_of_an_async_handler(info: pytest.LogCaptureFixture) -> None:
    """Not the making of its coroutine."""
    bus = AsyncBus(ShopEvent, wrap=[logged])

    async def look(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        assert logged_by_typedbus(info) == []

    bus.subscribe(UserCreated, look)

    await bus.publish(UserCreated())

    assert len(logged_by_typedbus(info)) == 1


async def wait_for_ever(event: object) -> None:
    """Wait for what never happens."""
    await anyio.Event().wait()


@pytest.mark.anyio
async def test_timeout_cancels_a_handler_that_takes_too_long() -> None:
    """Its failure names the handler, the event class and the time; the others run."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.subscribe(UserCreated, wait_for_ever, wrap=[timeout(timedelta(milliseconds=1))])
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    (late,) = failed.value.exceptions
    assert isinstance(late, errors.HandlerTimeoutError)
    assert late.handler == f"{__name__}.wait_for_ever"
    assert (late.event, late.seconds) == ("tests.core.shop.UserCreated", 0.001)
    assert calls == ["behind"]


@pytest.mark.anyio
async def test_timeout_leaves_a_handler_in_time_alone() -> None:
    """It is awaited to its end, and its error is its own."""
    bus = AsyncBus(ShopEvent, wrap=[timeout(timedelta(hours=1))], on_error="raise")
    bus.subscribe(UserCreated, nothing_async)
    bus.subscribe(UserCreated, decline_later)

    with pytest.raises(DeclinedError):
        await bus.publish(UserCreated())


@pytest.mark.anyio
async def test_a_timeout_error_of_the_handler_is_its_own() -> None:
    """It is not taken for the end of the time."""
    bus, error = AsyncBus(ShopEvent, wrap=[timeout(timedelta(hours=1))]), TimeoutError("mine")

    async def give_up(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        raise error

    bus.subscribe(UserCreated, give_up)

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert failed.value.exceptions == (error,)


@pytest.mark.anyio
async def test_a_cancellation_passes_through_a_timeout() -> None:
    """It is no timeout."""
    bus = AsyncBus(ShopEvent, wrap=[timeout(timedelta(hours=1))])
    bus.subscribe(UserCreated, wait_for_ever)

    with anyio.move_on_after(0) as scope:
        await bus.publish(UserCreated())

    assert scope.cancelled_caught


@pytest.mark.anyio
async def test_the_time_counts_from_the_run_of_a_delivered_handler() -> None:
    """The wrapper is inside the delivery: what waits in a queue is not late."""
    background = AsyncBackground(workers=1, on_error="collect")
    bus = AsyncBus(ShopEvent)
    bus.on(UserCreated, via=background, wrap=[timeout(NO_TIME)])(wait_for_ever)
    bus.on(UserCreated, via=collected, wrap=[timeout(timedelta(hours=1))])(nothing_async)

    async def publish_in_both() -> None:
        async with background, collect():
            await bus.publish(UserCreated())

    with pytest.raises(HandlersFailedError) as failed:
        await publish_in_both()

    assert [type(error) for error in failed.value.exceptions] == [errors.HandlerTimeoutError]


def test_timeout_refuses_a_sync_handler() -> None:
    """It could not be interrupted; said where it is subscribed, by name."""
    bus = AsyncBus(ShopEvent)

    with pytest.raises(errors.NotAHandlerError, match="interrupt") as refused:
        bus.subscribe(UserCreated, nothing, wrap=[timeout(timedelta(seconds=1))])

    assert refused.value.handler == "tests.core.shop.nothing"
    assert bus.subscriptions() == ()


def test_a_bus_has_no_use_for_timeout() -> None:
    """Its handlers are sync, so each of them is refused."""
    bus = Bus(ShopEvent, wrap=[timeout(timedelta(seconds=1))])

    with pytest.raises(errors.NotAHandlerError):
        bus.subscribe(UserCreated, nothing)

    assert bus.subscriptions() == ()
