"""For tests: an outbox in memory. The suite that every store passes is in `.conformance`."""

from typedbus.testing.memory import MemoryStore
from typedbus.testing.memory_tables import MemoryDelivery
from typedbus.testing.memory_workplace import MemoryWorkplace
from typedbus.testing.memory_writing import Effect, MemoryUnit, MemoryWriter

__all__ = [
    "Effect",
    "MemoryDelivery",
    "MemoryStore",
    "MemoryUnit",
    "MemoryWorkplace",
    "MemoryWriter",
]
