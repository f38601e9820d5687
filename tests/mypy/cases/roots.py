"""`Bus(root)`: a bus is of the class that it is given, wherever it is made."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Generic, NewType, Protocol, TypedDict, TypeVar, assert_type

from shop import OrderPlaced, ShopEvent, UserCreated, UserEvent, created, on_user, placed
from typedbus import AsyncBus, Bus, Event, Publisher

T = TypeVar("T")
E = TypeVar("E", bound=ShopEvent)


class AbstractRoot(Event, ABC):
    @abstractmethod
    def key(self) -> str: ...


class Concrete(AbstractRoot):
    def key(self) -> str:
        return ""


class Keyed(Protocol):
    def key(self) -> str: ...


class KeyedEvent(Event, Keyed):
    def key(self) -> str:
        return ""


@dataclass(frozen=True)
class Created(Generic[T]):
    what: T


class Payload(TypedDict):
    x: int


class Plain: ...


class TenantBus(Bus[E]): ...


class NamedBus(Bus[ShopEvent]):
    def __init__(self, name: str) -> None:
        super().__init__(ShopEvent)
        self.name = name


class ModelBus(Bus[ShopEvent], Generic[T]):
    """What it is made with is no root."""

    def __init__(self, model: type[T]) -> None:
        super().__init__(ShopEvent)
        self.model = model


Named = NewType("Named", Plain)

# its root, whatever the place wants
assert_type(Bus(), Bus[Event])
assert_type(Bus(ShopEvent), Bus[ShopEvent])
assert_type(AsyncBus(ShopEvent, concurrency=2), AsyncBus[ShopEvent])
assert_type(TenantBus(UserEvent), TenantBus[UserEvent])
assert_type(Bus(Plain), Bus[Plain])
assert_type(Bus(AbstractRoot), Bus[AbstractRoot])  # mypy alone: [type-abstract]
assert_type(Bus(Keyed), Bus[Keyed])  # mypy alone: [type-abstract]
assert_type(Bus(Created), Bus[Created[Any]])
Bus(AbstractRoot).publish(Concrete())  # mypy alone: [type-abstract]
Bus(Keyed, on_error="raise").publish(KeyedEvent())  # mypy alone: [call-overload]
NamedBus("x").publish(created)
ModelBus(Payload).publish(created)
ModelBus(Created[int]).publish(created)
ModelBus("x")
# [arg-type]


def wants_users(bus: Bus[UserEvent]) -> None: ...
def wants_shop(bus: Bus[ShopEvent]) -> None: ...
def wants_publisher(bus: Publisher[UserEvent]) -> None: ...
def gives_users() -> Bus[UserEvent]:
    return Bus(ShopEvent)


class Service:
    def __init__(self) -> None:
        self.users: Bus[UserEvent] = Bus(ShopEvent)  # mypy alone: [arg-type]
        self.shop: Bus[ShopEvent] = Bus(UserEvent)
        # [assignment]


users: Bus[UserEvent] = Bus(ShopEvent)  # mypy alone: [arg-type]
async_users: AsyncBus[UserEvent] = AsyncBus(ShopEvent)  # mypy alone: [arg-type]
wants_users(Bus(ShopEvent))  # mypy alone: [arg-type]
wants_users(Bus(UserEvent))
wants_users(Bus())
wants_publisher(Bus(ShopEvent))  # mypy alone: [arg-type]
shop: Bus[ShopEvent] = Bus(UserEvent)
# [assignment]
async_shop: AsyncBus[ShopEvent] = AsyncBus(UserEvent)
# [assignment]
wants_shop(Bus(UserEvent))
# [arg-type]
wants_users(Bus(OrderPlaced))
# [arg-type]
wants_publisher(Bus(OrderPlaced))
# "wants_publisher" publishes "UserEvent", and this bus carries "OrderPlaced"; give it a bus that carries "UserEvent"  [event-mismatch]
Bus(ShopEvent).publish(Plain())
# This bus carries "ShopEvent", and "Plain" does not inherit from it; derive "Plain" from "ShopEvent", or use the bus that carries it  [event-outside]
Bus(UserEvent).publish(placed)
# This bus carries "UserEvent", and "OrderPlaced" does not inherit from it; derive "OrderPlaced" from "UserEvent", or use the bus that carries it  [event-outside]
Bus(Keyed).publish(Concrete())
# This bus carries "Keyed", and "Concrete" does not inherit from it; derive "Concrete" from "Keyed", or use the bus that carries it  [event-outside]
Bus(float).publish(1)
# This bus carries "float", and "int" does not inherit from it; derive "int" from "float", or use the bus that carries it  [event-outside]


def gives_shop() -> Bus[ShopEvent]:
    return Bus(UserEvent)
    # [return-value]


# a root that is only written as a type argument
Bus[Event]()
Bus[ShopEvent](ShopEvent)
Bus[ShopEvent]()
# Type arguments are gone at run time, so this bus carries every Event, not "ShopEvent"; write Bus(ShopEvent)  [event-class]
AsyncBus[ShopEvent](concurrency=2)
# Type arguments are gone at run time, so this bus carries every Event, not "ShopEvent"; write AsyncBus(ShopEvent)  [event-class]

# no root
Bus(Created[int])
# The type arguments of "Created[int]" are gone at run time, so it cannot be an event class; subscribe to Created itself, or derive a class from "Created[int]"  [event-class]
Bus(Payload)
# The TypedDict "Payload" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
Bus(Named)
# The NewType "Named" is gone at run time, so it cannot be an event class; derive a class from "Plain"  [event-class]
Bus(UserCreated | OrderPlaced)
# A union is no event class; subscribe once for each of its classes  [event-class]
Bus("ShopEvent")
# No string names an event: "ShopEvent" is no event class; did you mean "ShopEvent"?  [event-name]
Bus(created)
# [call-overload]
Bus(None)
# [call-overload]
Bus(ShopEvent, UserEvent)
# [call-overload]
TenantBus(Plain)
# [type-var]


def of_parameters(one: type[E], two: type[UserCreated] | type[OrderPlaced], bare: type) -> None:
    Bus(one).subscribe(UserCreated, on_user)
    Bus(two).publish(created)
    Bus(bare)
    # This event class is untyped (Any), so nothing checks its handlers; annotate it, as type[...] of an event class  [event-untyped]
