"""Event classes that are no `Event`: the root is the user's to choose."""

from dataclasses import dataclass
from typing import Generic, TypeVar, assert_type

from pydantic import BaseModel

from shop import UserCreated, created
from typedbus import AsyncBus, Bus

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PlainEvent:
    shop: str = "main"


@dataclass(frozen=True, kw_only=True)
class PlainCreated(PlainEvent):
    number: int


class ModelEvent(BaseModel, frozen=True):
    shop: str = "main"


class ModelCreated(ModelEvent, frozen=True):
    number: int


class Changed(ModelEvent, Generic[T], frozen=True):
    after: T


class BareEvent:
    """With nothing in it at all."""


def on_plain(event: PlainCreated) -> None: ...
def on_model(event: ModelCreated) -> None: ...
def on_changed(event: Changed[int]) -> None: ...
async def model_later(event: ModelEvent) -> None: ...


plain_bus = Bus(PlainEvent)
model_bus = Bus(ModelEvent)
model_events = AsyncBus(ModelEvent)
assert_type(plain_bus, Bus[PlainEvent])
assert_type(model_bus, Bus[ModelEvent])
assert_type(Bus(BareEvent), Bus[BareEvent])

plain_bus.subscribe(PlainCreated, on_plain)
plain_bus.subscribe(PlainCreated, lambda event: print(event.number, event.shop))
plain_bus.publish(PlainCreated(number=1))
plain_bus.subscribe(PlainEvent, on_plain)  # error: all mypy[arg-type]
plain_bus.subscribe(PlainCreated, lambda event: print(event.nope))  # error: all
plain_bus.publish(PlainCreated)  # error: all mypy[arg-type]
plain_bus.publish(created)  # error: all mypy[arg-type]

model_bus.subscribe(ModelCreated, on_model)
model_bus.subscribe(ModelCreated, lambda event: print(event.number, event.shop))
model_bus.publish(ModelCreated(number=1))
model_events.subscribe(ModelCreated, model_later)
model_events.subscribe(ModelCreated, on_model)
model_bus.subscribe(ModelEvent, on_model)  # error: all mypy[arg-type]
model_bus.subscribe(ModelCreated, model_later)  # error: all mypy[arg-type]
model_bus.publish(UserCreated)  # error: all mypy[arg-type]
model_events.subscribe(UserCreated, on_model)  # error: all mypy[arg-type]

# pydantic's generics are real classes at run time, so they may be subscribed to
model_bus.subscribe(Changed[int], on_changed)
model_bus.publish(Changed[int](after=1))
model_bus.subscribe(Changed[str], on_changed)  # error: all mypy[arg-type]
