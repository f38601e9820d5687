"""Scopes inside scopes: the outermost that can releases everything."""

from contextlib import suppress

import anyio
import anyio.lowlevel
import pytest

from tests.core.shop import DeclinedError, OrderPlaced, ShopEvent, UserCreated, noting
from typedbus import AsyncBus, Bus, collect, collected


def bus_for(calls: list[str]) -> Bus[ShopEvent]:
    """Return a bus whose handlers are collected: they note the class of each event."""
    bus = Bus(ShopEvent)
    bus.on(UserCreated, via=collected)(noting(calls, "user"))
    bus.on(OrderPlaced, via=collected)(noting(calls, "order"))
    return bus


def test_a_scope_in_a_scope_joins_the_outer_one() -> None:
    """Leaving it runs nothing; what it collected comes in the order of publishing."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect() as outer:
        bus.publish(UserCreated())
        with collect():
            bus.publish(OrderPlaced())
        bus.publish(UserCreated())
        waiting = len(outer)

    assert waiting == 3
    assert calls == ["user", "order", "user"]


def test_an_error_in_the_inner_scope_drops_only_what_that_collected() -> None:
    """Whoever catches it goes on in the outer scope, which keeps its own."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect():
        bus.publish(UserCreated())
        with suppress(DeclinedError), collect():
            bus.publish(OrderPlaced())
            raise DeclinedError

    assert calls == ["user"]


def test_an_error_in_the_outer_scope_drops_what_has_joined_it() -> None:
    """The inner one was left well, but what it handed over shares the fate of the outer."""
    calls = list[str]()
    bus = bus_for(calls)

    with suppress(DeclinedError), collect():
        with collect():
            bus.publish(OrderPlaced())
        raise DeclinedError

    assert calls == []


def test_a_scope_in_one_that_was_released_releases_itself() -> None:
    """A scope that collects nothing more is not there to be joined."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect() as outer:
        outer.release()
        with collect():
            bus.publish(UserCreated())
            inside = list(calls)
        after = list(calls)

    assert (inside, after) == ([], ["user"])


def test_a_scope_whose_outer_one_is_released_meanwhile_releases_itself() -> None:
    """The inner scope keeps what it has until its own end."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect() as outer:
        with collect():
            bus.publish(UserCreated())
            outer.release()
            inside = list(calls)
        after = list(calls)

    assert (inside, after) == ([], ["user"])


def test_a_publish_in_a_dropped_inner_scope_goes_to_the_outer_one() -> None:
    """The innermost scope that still collects takes it."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect() as outer:
        with collect() as inner:
            inner.drop()
            bus.publish(UserCreated())
        waiting = len(outer)

    assert waiting == 1
    assert calls == ["user"]


def test_a_scope_in_a_dropped_one_joins_the_next_that_still_collects() -> None:
    """However many scopes between them have ended early."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect() as outer:
        with collect() as middle, collect():
            bus.publish(UserCreated())
            middle.drop()
        waiting = len(outer)

    assert waiting == 1
    assert calls == ["user"]


def test_the_inner_scope_can_be_released_by_itself() -> None:
    """An explicit release runs now what the inner scope has, and no more."""
    calls = list[str]()
    bus = bus_for(calls)

    with collect():
        bus.publish(UserCreated())
        with collect() as inner:
            bus.publish(OrderPlaced())
            inner.release()
            inside = list(calls)

    assert inside == ["order"]
    assert calls == ["order", "user"]


def test_a_handler_that_opens_a_scope_while_it_is_released_joins_the_release() -> None:
    """What it publishes in it comes behind what waits already."""
    bus, calls = Bus(ShopEvent), list[str]()

    def publish_order(event: UserCreated) -> None:
        with collect():
            bus.publish(OrderPlaced())
        calls.append("scope left")

    bus.on(UserCreated, via=collected)(publish_order)
    bus.on(UserCreated, via=collected)(noting(calls, "user"))
    bus.on(OrderPlaced, via=collected)(noting(calls, "order"))

    with collect():
        bus.publish(UserCreated())

    assert calls == ["scope left", "user", "order"]


@pytest.mark.anyio
async def test_an_async_scope_in_a_plain_one_releases_itself() -> None:
    """The plain scope could not await its handlers."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def note(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        calls.append("user")

    bus.on(UserCreated, via=collected)(note)

    with collect() as outer:
        async with collect():
            await bus.publish(UserCreated())
        after = list(calls)

    assert len(outer) == 0
    assert after == ["user"]


@pytest.mark.anyio
async def test_a_plain_scope_in_an_async_one_joins_it() -> None:
    """The async scope can release both kinds of handlers."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.on(UserCreated, via=collected)(noting(calls, "user"))

    async with collect() as outer:
        with collect():
            bus.publish(UserCreated())
        waiting = len(outer)

    assert waiting == 1
    assert calls == ["user"]
