"""Scopes: subscriptions, `collect`, the backgrounds, `context`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_type

from shop import ShopEvent, UserCreated, on_created
from typedbus import (
    AsyncBackground,
    AsyncBus,
    Background,
    Bus,
    Context,
    Envelope,
    Subscription,
    collect,
    context,
    current_context,
    current_envelope,
)

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)

with bus.subscribe(UserCreated, on_created) as subscription:
    assert_type(subscription, Subscription)
    subscription.cancel()

with events.subscribe(UserCreated, on_created) as subscription:
    assert_type(subscription, Subscription)

with collect() as pending:
    assert_type(len(pending), int)
    assert_type(pending.release(), None)
    assert_type(pending.drop(), None)
    for name in pending:
        assert_type(name, str)
    pending.nope  # error: all mypy[attr-defined]

with collect(on_error="log"):
    pass

collect(on_error="ignore")  # error: all mypy[arg-type]
collect("log")  # error: all

with Background() as background:
    assert_type(background, Background)

with Background(workers=4, queue=100, when_full="raise", drain=timedelta(seconds=1)) as other:
    assert_type(other, Background)

Background(workers="4")  # error: all mypy[arg-type]
Background(when_full="drop")  # error: all mypy[arg-type]
Background(drain=10)  # error: all mypy[arg-type]
Background(4)  # error: all

with context(correlation_id="r-1", tenant="acme", headers={"a": "b"}) as inner:
    assert_type(inner, Context)
    assert_type(current_context(), Context)
    assert_type(current_context().tenant, str | None)
    assert_type(current_context().headers, Mapping[str, str])
    assert_type(current_envelope(), Envelope[object])
    assert_type(current_envelope().correlation_id, str)
    assert_type(current_envelope().published_at, datetime)
    current_envelope().tenant = "other"  # error: all mypy[misc]

with context(tenant="acme"):
    pass

context("r-1")  # error: all
context(correlation_id=1)  # error: all mypy[arg-type]
context(headers={"a": 1})  # error: all
context(nope="a")  # error: all mypy[call-arg]


async def run() -> None:
    async with collect() as pending:
        assert_type(len(pending), int)
        await pending.release()
        pending.drop()
        pending.release()  # error: all mypy[unused-coroutine]
    async with AsyncBackground() as background:
        assert_type(background, AsyncBackground)
    with AsyncBackground():  # error: all
        pass
    async with bus.subscribe(UserCreated, on_created):  # error: all
        pass
    async with Background():  # error: all
        pass


# A body that swallows no error is known to be left through its end.
def narrowed() -> int:
    with collect():
        return 1


def narrowed_by_background() -> int:
    with Background():
        return 1


def narrowed_by_context() -> int:
    with context(tenant="acme"):
        return 1


def narrowed_by_subscription() -> int:
    with bus.subscribe(UserCreated, on_created):
        return 1


async def narrowed_by_stream() -> int:
    async with events.stream(UserCreated):
        return 1
