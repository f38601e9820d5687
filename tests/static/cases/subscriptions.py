"""`Subscription`: what it tells, and that it is not there to be written to."""

from typing import assert_type

from shop import ShopEvent, UserCreated, on_created
from typedbus import AsyncBus, Bus, Subscription

bus = Bus(ShopEvent)
events = AsyncBus(ShopEvent)
subscription = bus.subscribe(UserCreated, on_created, once=True)

assert_type(subscription, Subscription)
assert_type(subscription.name, str)
assert_type(subscription.delivery, str)
assert_type(subscription.active, bool)
assert_type(subscription.cancel(), None)
print(subscription.event_type.__name__, subscription.handler, subscription.module)
assert_type(bus.subscriptions(UserCreated), tuple[Subscription, ...])
assert_type(events.subscriptions(UserCreated), tuple[Subscription, ...])
assert_type(bus.subscriptions(), tuple[Subscription, ...])
for each in bus.subscriptions(ShopEvent):
    assert_type(each, Subscription)

subscription.nope  # error: all mypy[attr-defined]
subscription.name = "other"  # error: all mypy[misc]
subscription.active = False  # error: all mypy[misc]
subscription.cancel(True)  # error: all mypy[call-arg]
bus.subscriptions("user.created")  # error: all mypy[arg-type]
bus.subscribe(UserCreated, on_created, once="yes")  # error: all mypy[arg-type]
bus.subscribe(UserCreated, on_created, True)  # error: all mypy[call-arg]
bus.subscribe(UserCreated, on_created, via=print)  # error: all mypy[call-arg]
bus.subscribe(UserCreated, on_created, priority=1)  # error: all mypy[call-arg]
