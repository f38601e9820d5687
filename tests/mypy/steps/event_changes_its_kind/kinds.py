from dataclasses import dataclass
from typing import Generic, NewType, TypedDict, TypeVar

from typedbus import Event

T = TypeVar("T")


class Plain(Event):
    email: str


@dataclass
class Created(Generic[T]):
    who: T


New = NewType("New", Event)


class Dict(TypedDict):
    email: str
