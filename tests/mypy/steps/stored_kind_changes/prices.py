from dataclasses import dataclass
from typing import Generic, TypeVar

from stored_kind_changes.money import Price as Price

T = TypeVar("T")


@dataclass
class Box(Generic[T]):
    what: T
