"""`@event(name=...)`: the class below it stays what it is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar, assert_type

from shop import ShopEvent, on_created
from typedbus import Bus, Event, event

T = TypeVar("T")


@event(name="invoice.approved", version=2, aliases=["invoice.accepted"])
class InvoiceApproved(ShopEvent):
    number: int

    @classmethod
    def first(cls) -> "InvoiceApproved":
        return cls(number=1)


@event(name="invoice.disputed")
class InvoiceDisputed(InvoiceApproved):
    reason: str = ""


@event(name="payment")
class PaymentEvent(Event, ABC):
    @abstractmethod
    def amount(self) -> int: ...


@event(name="created")
@dataclass(frozen=True)
class Created(Generic[T]):
    what: T


@event(name="moved", aliases=("went",))
class Moved(NamedTuple):
    steps: int


# the class and its constructor
approved = InvoiceApproved(number=1)
assert_type(approved, InvoiceApproved)
assert_type(approved.number, int)
assert_type(InvoiceApproved.first(), InvoiceApproved)
assert_type(replace(approved, number=2), InvoiceApproved)
assert_type(InvoiceDisputed(number=1).reason, str)
assert_type(Created(what=1), Created[int])
assert_type(Moved(1).steps, int)
InvoiceApproved(number="1")  # error: all mypy[arg-type]
InvoiceApproved(1)  # error: all
InvoiceApproved()  # error: all mypy[call-arg]
InvoiceDisputed(number="1")  # error: all mypy[arg-type]
Moved("1")  # error: all mypy[arg-type]
PaymentEvent()  # error: all mypy[abstract]
approved.number = 2  # error: all mypy[misc]
approved.nope  # error: all mypy[attr-defined]

# as an event class
bus = Bus(ShopEvent)
bus.publish(approved)
bus.subscribe(InvoiceApproved, lambda approved: print(approved.number))
bus.subscribe(InvoiceApproved, lambda approved: print(approved.nope))  # error: all
bus.subscribe(InvoiceApproved, on_created)  # error: all mypy[arg-type]

# the decorator
assert_type(event(name="a")(InvoiceApproved)(number=1), InvoiceApproved)
event()  # error: all mypy[call-arg]
event("invoice.approved")  # error: all
event(InvoiceApproved)  # error: all
event(name=1)  # error: all mypy[arg-type]
event(name="a", version="1")  # error: all mypy[arg-type]
event(name="a", aliases=[1])  # error: all
event(name="a", aliases="b")  # error: none; WireNameError
event(name="a", alias=["b"])  # error: all mypy[call-arg]
event(name="a")(on_created)  # error: all mypy[type-var]
