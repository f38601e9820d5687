"""The store in memory passes the suite of stores."""

import pytest

from tests.testing.memory_harness import MemoryHarness
from typedbus.testing import MemoryStore
from typedbus.testing.conformance import StoreConformance, UnitConformance


class TestMemoryStore(StoreConformance, UnitConformance):
    """A `MemoryStore` is a store."""

    @pytest.fixture
    def harness(self) -> MemoryHarness:
        """A store that is empty."""
        return MemoryHarness(MemoryStore())
