"""What a program does once: find its handler modules, and catch what its handlers raise."""

from typing import assert_type

from shop import ShopEvent, UserCreated, created
from typedbus import Bus, HandlersFailedError, TypedBusError, discover, errors

bus = Bus(ShopEvent)

assert_type(discover("shop", named="handlers"), tuple[str, ...])
discover("shop", "handlers")  # error: all
discover(bus)  # error: all
discover()  # error: all

try:
    bus.publish(created)
except HandlersFailedError as failed:
    for each in failed.exceptions:
        print(each.__notes__)
    print(failed.nope)  # error: all mypy[attr-defined]
except errors.NotAnEventError as refused:
    wider: TypedBusError = refused
    also: TypeError = refused
    print(wider, also)
    wrong: KeyError = refused  # error: all mypy[assignment]
    print(wrong)

try:
    bus.publish(created)
except* ValueError as failures:
    assert_type(failures, ExceptionGroup[ValueError])

bus.subscribe(UserCreated, errors)  # error: all mypy[arg-type]
