"""The suite that every store passes, for pytest: run it on a store of your own.

A store is what an outbox keeps its events in: a class with the methods of the protocol
`typedbus.outbox.store.Store`. Write a harness for it, which does what the port does not: write
events in transactions, read back what is kept, let time pass (`harness.Harness` says each method).
Then subclass the suite in a test module, and give it the fixture `harness`, new and empty for each
test:

    from collections.abc import Iterator

    import pytest

    from typedbus.testing.conformance import StoreConformance

    from my_store.testing import MyHarness


    class TestMyStore(StoreConformance):
        @pytest.fixture
        def harness(self) -> Iterator[MyHarness]:
            with MyHarness() as harness:
                yield harness

Each test is one promise of the port, and its docstring says which. A test that needs what a store
does not have (two writers at a time, a session whose end is seen) is skipped, and says so.

`UnitConformance` is the second suite, for stores that handlers can write to in the transaction in
which their event ends, so that effects happen exactly once; it takes a `UnitHarness`. One class may
inherit both.

This package imports pytest, which typedbus does not install.
"""

import pytest

_PARTS = ("concurrency", "late", "leases", "lines", "reading", "records", "settling", "units")
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))

# ruff: noqa: E402 - pytest explains the assertions of modules that are imported after it was told.
from typedbus.testing.conformance.concurrency import ConcurrencyConformance
from typedbus.testing.conformance.harness import Harness, Kept, UnitHarness, Writer
from typedbus.testing.conformance.late import LateConformance
from typedbus.testing.conformance.leases import LeasesConformance
from typedbus.testing.conformance.lines import LinesConformance
from typedbus.testing.conformance.reading import ReadingConformance
from typedbus.testing.conformance.settling import SettlingConformance
from typedbus.testing.conformance.units import UnitConformance

__all__ = ["Harness", "Kept", "StoreConformance", "UnitConformance", "UnitHarness", "Writer"]


class StoreConformance(
    ReadingConformance,
    SettlingConformance,
    LinesConformance,
    LateConformance,
    LeasesConformance,
    ConcurrencyConformance,
):
    """What the port of a store promises; subclass it with a fixture `harness`, a `Harness`."""
